import { counter, struct } from '../encoding/shape';
import type { ViewNumber } from '../numbers/numbers';
import { headerFields, incarnationsShape, type Header, type Incarnations } from './header';

/**
 * ⟨STARTVIEWCHANGE v, i⟩: "I would leave for view v." Counted before anyone moves: the view is durable here, so the
 * round guards against disruption, not against loss. (VRR §4.2, step 1; E16; D4)
 */
export interface StartViewChange extends Header {
  readonly kind: 'StartViewChange';
  /**
   * The sender is in no view below this one, or is the primary of the view before it and gives it up: it serves nobody
   * there any more. The view voted for says nothing of that, since a vote may be late, and may be taken back. (E37 f)
   */
  readonly servesFrom: ViewNumber;
  readonly incarnations: Incarnations;
}

export const startViewChangeShape = struct({
  ...headerFields,
  servesFrom: counter<ViewNumber>(),
  incarnations: incarnationsShape,
});
