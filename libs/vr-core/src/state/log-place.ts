import type { ByteString } from '../encoding/byte-string';
import { opNumber, type OpNumber } from '../numbers/numbers';

/** A place in the log: an op and the hash of its entry. */
export interface LogPlace {
  readonly opNumber: OpNumber;
  readonly hash: ByteString;
}

/** The hash that op 1 names as its parent: an empty log's head. */
export const GENESIS_HASH = '' as ByteString;

/** Before op 1. */
export const GENESIS: LogPlace = { opNumber: opNumber(0), hash: GENESIS_HASH };
