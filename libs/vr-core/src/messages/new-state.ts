import { counter, integer, optional, struct } from '../encoding/shape';
import type { OpNumber } from '../numbers/numbers';
import type { Checkpoint } from '../state/checkpoint';
import { checkpointShape } from './checkpoint';
import { entriesShape, type Entries } from './entries';
import { headerFields, type Header } from './header';

/** ⟨NEWSTATE v, l, n, k⟩: entries after the op that was asked for, in order, as many as fit. (VRR §5.2; E9) */
export interface NewState extends Header {
  readonly kind: 'NewState';
  /** The sender's head: more may be asked for when the entries end below it. */
  readonly opNumber: OpNumber;
  readonly commitNumber: OpNumber;
  readonly entries: Entries;
  /** The sender's checkpoint, when its log begins above the op that was asked for; then there are no entries. */
  readonly checkpoint: Checkpoint | undefined;
  readonly ticket: number;
}

export const newStateShape = struct({
  ...headerFields,
  opNumber: counter<OpNumber>(),
  commitNumber: counter<OpNumber>(),
  entries: entriesShape,
  checkpoint: optional(checkpointShape),
  ticket: integer(),
});
