import { counter, integer, struct } from '../encoding/shape';
import type { OpNumber } from '../numbers/numbers';
import { entriesShape, type Entries } from './entries';
import { headerFields, type Header } from './header';

/** ⟨NEWSTATE v, l, n, k⟩: entries after the op that was asked for, in order, as many as fit. (VRR §5.2; E9) */
export interface NewState extends Header {
  readonly kind: 'NewState';
  /** The sender's head: more may be asked for when the entries end below it. */
  readonly opNumber: OpNumber;
  readonly commitNumber: OpNumber;
  readonly entries: Entries;
  readonly ticket: number;
}

export const newStateShape = struct({
  ...headerFields,
  opNumber: counter<OpNumber>(),
  commitNumber: counter<OpNumber>(),
  entries: entriesShape,
  ticket: integer(),
});
