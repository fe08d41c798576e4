import { counter, integer, struct } from '../encoding/shape';
import type { OpNumber } from '../numbers/numbers';
import { headerFields, type Header } from './header';

/** ⟨GETSTATE v, n', i⟩: "Send me your log of view v after op n'." (VRR §5.2) */
export interface GetState extends Header {
  readonly kind: 'GetState';
  readonly afterOp: OpNumber;
  /** Tells this question from earlier ones. (E8) */
  readonly ticket: number;
}

export const getStateShape = struct({
  ...headerFields,
  afterOp: counter<OpNumber>(),
  ticket: integer(),
});
