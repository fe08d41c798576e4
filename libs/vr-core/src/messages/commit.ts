import { byteString, counter, integer, struct } from '../encoding/shape';
import type { ByteString } from '../encoding/byte-string';
import type { OpNumber } from '../numbers/numbers';
import { headerFields, type Header } from './header';

/** ⟨COMMIT v, k⟩: "I am here, and everything up to k is committed." The heartbeat. (VRR §4.1, step 6; T19) */
export interface Commit extends Header {
  readonly kind: 'Commit';
  readonly commitNumber: OpNumber;
  /** Of entry k, so that a replica that holds another one stops instead of executing it. (decision 26) */
  readonly commitHash: ByteString;
  readonly beat: number;
}

export const commitShape = struct({
  ...headerFields,
  commitNumber: counter<OpNumber>(),
  commitHash: byteString(64),
  beat: integer(),
});
