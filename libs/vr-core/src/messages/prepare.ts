import { bytes, counter, integer, struct } from '../encoding/shape';
import type { OpNumber } from '../numbers/numbers';
import { ENTRY_BYTES_MAX } from './entries';
import { headerFields, type Header } from './header';

/** ⟨PREPARE v, m, n, k⟩: "Hold entry n; everything up to k is committed." (VRR §4.1, step 3) */
export interface Prepare extends Header {
  readonly kind: 'Prepare';
  /** The encoded entry: m and n of the tuple, with its own epoch, view, op-number and parent's hash. */
  readonly entry: Uint8Array;
  readonly commitNumber: OpNumber;
  /** Counts what the primary sends in this view; the answer echoes it. (decision 9) */
  readonly beat: number;
}

export const prepareShape = struct({
  ...headerFields,
  entry: bytes(ENTRY_BYTES_MAX),
  commitNumber: counter<OpNumber>(),
  beat: integer(),
});
