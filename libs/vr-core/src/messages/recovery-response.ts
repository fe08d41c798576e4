import { byteString, counter, optional, struct } from '../encoding/shape';
import type { ByteString } from '../encoding/byte-string';
import type { OpNumber } from '../numbers/numbers';
import { headerFields, incarnationsShape, type Header, type Incarnations } from './header';

/** ⟨RECOVERYRESPONSE v, x, l, n, k, j⟩: only the primary of v fills in its log's head. (VRR §4.3, step 2) */
export interface RecoveryResponse extends Header {
  readonly kind: 'RecoveryResponse';
  readonly nonce: ByteString;
  /** Of the primary of the sender's view; the log itself is fetched by GETSTATE up to this head. */
  readonly head:
    | {
        readonly opNumber: OpNumber;
        readonly headHash: ByteString;
        readonly commitNumber: OpNumber;
        /** As in COMMIT: a witness needs nothing up to here. (VRR §6.1) */
        readonly witnessBase: OpNumber;
      }
    | undefined;
  readonly incarnations: Incarnations;
}

export const recoveryResponseShape = struct({
  ...headerFields,
  nonce: byteString(64),
  head: optional(
    struct({
      opNumber: counter<OpNumber>(),
      headHash: byteString(64),
      commitNumber: counter<OpNumber>(),
      witnessBase: counter<OpNumber>(),
    }),
  ),
  incarnations: incarnationsShape,
});
