import { byteString, counter, struct } from '../encoding/shape';
import type { ByteString } from '../encoding/byte-string';
import type { OpNumber } from '../numbers/numbers';
import { entriesShape, type Entries } from './entries';
import { headerFields, incarnationsShape, type Header, type Incarnations } from './header';

/** ⟨STARTVIEW v, l, n, k⟩: "View v has begun with this log." Also the answer to a GETVIEW. (VRR §4.2, step 4) */
export interface StartView extends Header {
  readonly kind: 'StartView';
  readonly opNumber: OpNumber;
  readonly headHash: ByteString;
  readonly commitNumber: OpNumber;
  /** The end of the log, up to `opNumber`; the rest is fetched by GETSTATE. (VRR §5.3) */
  readonly entries: Entries;
  readonly incarnations: Incarnations;
  /** As in COMMIT: a witness needs nothing up to here. (VRR §6.1) */
  readonly witnessBase: OpNumber;
}

export const startViewShape = struct({
  ...headerFields,
  opNumber: counter<OpNumber>(),
  headHash: byteString(64),
  commitNumber: counter<OpNumber>(),
  entries: entriesShape,
  incarnations: incarnationsShape,
  witnessBase: counter<OpNumber>(),
});
