import { counter, integer, list, struct, word } from '../encoding/shape';
import type { OpNumber } from '../numbers/numbers';
import { headerFields, type Header } from './header';

/** ⟨READINDEXOK v, reads, n⟩: the sender was primary after the question came, and had committed up to n. (decision 9) */
export interface ReadIndexOk extends Header {
  readonly kind: 'ReadIndexOk';
  readonly tickets: readonly number[];
  readonly opNumber: OpNumber;
  /** How the sender knew; by nothing, when it was asked for its lease and held none. */
  readonly by: 'echoes' | 'lease' | 'nothing';
}

export const readIndexOkShape = struct({
  ...headerFields,
  tickets: list(integer(), 1 << 16),
  opNumber: counter<OpNumber>(),
  by: word('echoes', 'lease', 'nothing'),
});
