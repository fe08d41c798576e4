import { byteString, counter, integer, optional, struct } from '../encoding/shape';
import type { ByteString } from '../encoding/byte-string';
import type { OpNumber } from '../numbers/numbers';
import type { Checkpoint } from '../state/checkpoint';
import { checkpointShape } from './checkpoint';
import { headerFields, type Header } from './header';

/** ⟨COMMIT v, k⟩: "I am here, and everything up to k is committed." The heartbeat. (VRR §4.1, step 6; T19) */
export interface Commit extends Header {
  readonly kind: 'Commit';
  readonly commitNumber: OpNumber;
  /** Of entry k, so that a replica that holds another one stops instead of executing it. (decision 26) */
  readonly commitHash: ByteString;
  readonly beat: number;
  /** The newest checkpoint of which a quorum has told the same id: logs may be cut behind it. (E40; decision 19) */
  readonly agreed: Checkpoint | undefined;
  /** Every configured active holds the log up to here, as a witness need not. (VRR §6.1; decision 18) */
  readonly witnessBase: OpNumber;
}

export const commitShape = struct({
  ...headerFields,
  commitNumber: counter<OpNumber>(),
  commitHash: byteString(64),
  beat: integer(),
  agreed: optional(checkpointShape),
  witnessBase: counter<OpNumber>(),
});
