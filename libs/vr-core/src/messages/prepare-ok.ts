import { byteString, counter, integer, optional, struct } from '../encoding/shape';
import type { ByteString } from '../encoding/byte-string';
import type { OpNumber } from '../numbers/numbers';
import type { CheckpointName } from '../state/checkpoint';
import { checkpointNameShape } from './checkpoint';
import { headerFields, type Header } from './header';

/** ⟨PREPAREOK v, n, i⟩: "I hold every op up to n in view v." (VRR §4.1, step 4) */
export interface PrepareOk extends Header {
  readonly kind: 'PrepareOk';
  readonly opNumber: OpNumber;
  /** Of entry n: an acknowledgement of another entry must not count. (E9, E12) */
  readonly entryHash: ByteString;
  readonly commitNumber: OpNumber;
  /** The highest beat of this view that the sender has seen. */
  readonly beat: number;
  /** The sender's newest durable checkpoint. */
  readonly checkpoint: CheckpointName | undefined;
  /** The sender's monotonic clock, whole milliseconds: only its rate is looked at. (decision 7) */
  readonly clockMs: number;
}

export const prepareOkShape = struct({
  ...headerFields,
  opNumber: counter<OpNumber>(),
  entryHash: byteString(64),
  commitNumber: counter<OpNumber>(),
  beat: integer(),
  checkpoint: optional(checkpointNameShape),
  clockMs: integer(),
});
