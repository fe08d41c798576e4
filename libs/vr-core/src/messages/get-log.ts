import { byteString, counter, integer, struct } from '../encoding/shape';
import type { ByteString } from '../encoding/byte-string';
import type { OpNumber } from '../numbers/numbers';
import { headerFields, type Header } from './header';

/**
 * ⟨GETLOG n, h⟩: "Send me the entries that end with op n of hash h." The chain of hashes proves the answer, so anyone may
 * give it, in any view and status. (E19; protocol §1.3)
 */
export interface GetLog extends Header {
  readonly kind: 'GetLog';
  readonly opNumber: OpNumber;
  readonly entryHash: ByteString;
  /** Nothing up to this op is wanted. */
  readonly afterOp: OpNumber;
  readonly ticket: number;
}

export const getLogShape = struct({
  ...headerFields,
  opNumber: counter<OpNumber>(),
  entryHash: byteString(64),
  afterOp: counter<OpNumber>(),
  ticket: integer(),
});
