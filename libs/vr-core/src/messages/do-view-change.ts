import { byteString, counter, integer, struct } from '../encoding/shape';
import type { ByteString } from '../encoding/byte-string';
import type { EpochNumber, OpNumber, ViewNumber } from '../numbers/numbers';
import type { Viewstamp } from '../numbers/viewstamp';
import { entriesShape, type Entries } from './entries';
import { headerFields, incarnationsShape, type Header, type Incarnations } from './header';

/**
 * ⟨DOVIEWCHANGE v, l, v', n, k, i⟩: "I have left for view v; this is my log." Every one that a replica sends for v is
 * the same. (VRR §4.2, step 2; decision 25)
 */
export interface DoViewChange extends Header {
  readonly kind: 'DoViewChange';
  /** v': the latest view in which the sender's log was that view's own. Not the view of its last entry. (E11) */
  readonly lastNormalView: Viewstamp;
  readonly opNumber: OpNumber;
  readonly headHash: ByteString;
  readonly commitNumber: OpNumber;
  /** The end of the log, up to `opNumber`: enough as a rule; the rest is fetched by GETSTATE. (VRR §5.3) */
  readonly entries: Entries;
  readonly incarnations: Incarnations;
  /** The sender has promised an older primary not to let another commit for so long yet. (VRR §6.3.1; decision 7) */
  readonly leaseRemainingMs: number;
}

export const viewstampShape = struct({
  epochNumber: counter<EpochNumber>(),
  viewNumber: counter<ViewNumber>(),
});

export const doViewChangeShape = struct({
  ...headerFields,
  lastNormalView: viewstampShape,
  opNumber: counter<OpNumber>(),
  headHash: byteString(64),
  commitNumber: counter<OpNumber>(),
  entries: entriesShape,
  incarnations: incarnationsShape,
  leaseRemainingMs: integer(),
});
