import { bool, integer, list, struct } from '../encoding/shape';
import { headerFields, type Header } from './header';

/** ⟨READINDEX v, i, reads⟩: "From which op on may I answer these?" (decision 9) */
export interface ReadIndex extends Header {
  readonly kind: 'ReadIndex';
  readonly tickets: readonly number[];
  /** They want the primary's lease, or nothing. */
  readonly leaseOnly: boolean;
}

export const readIndexShape = struct({
  ...headerFields,
  tickets: list(integer(), 1 << 16),
  leaseOnly: bool,
});
