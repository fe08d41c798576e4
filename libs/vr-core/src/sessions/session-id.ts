import type { ByteString } from '../encoding/byte-string';
import { key, keyU32, keyU64, readKeyU32, readKeyU64 } from '../encoding/key';
import type { OpNumber } from '../numbers/numbers';
import type { SessionId } from '../service/state-machine';

/** `<op>-<index>`, without leading zeros: one session has one id. */
const SESSION_ID = /^(0|[1-9]\d{0,15})-(0|[1-9]\d{0,9})$/;

export const sessionIdOf = (opNumber: OpNumber, index: number): SessionId =>
  `${opNumber}-${index}` as SessionId;

/** The table key of a session: rising with the order in which sessions were opened. Undefined for what is no id. */
export function sessionKeyOf(id: string): ByteString | undefined {
  const match = SESSION_ID.exec(id);
  if (match === null) return undefined;
  const opNumber = Number(match[1]);
  const index = Number(match[2]);
  if (!Number.isSafeInteger(opNumber) || index > 0xffff_ffff) return undefined;
  return key(keyU64(opNumber), keyU32(index));
}

export const sessionIdOfKey = (sessionKey: ByteString): SessionId =>
  sessionIdOf(readKeyU64(sessionKey, 0) as OpNumber, readKeyU32(sessionKey, 8));

/** The op that opened it: a replica that has not executed it cannot say that the session is gone. */
export const openingOpOf = (sessionKey: ByteString): OpNumber =>
  readKeyU64(sessionKey, 0) as OpNumber;
