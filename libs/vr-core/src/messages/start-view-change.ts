import { struct } from '../encoding/shape';
import { headerFields, incarnationsShape, type Header, type Incarnations } from './header';

/**
 * ⟨STARTVIEWCHANGE v, i⟩: "I would leave for view v." Counted before anyone moves: the view is durable here, so the
 * round guards against disruption, not against loss. (VRR §4.2, step 1; E16; D4)
 */
export interface StartViewChange extends Header {
  readonly kind: 'StartViewChange';
  readonly incarnations: Incarnations;
}

export const startViewChangeShape = struct({ ...headerFields, incarnations: incarnationsShape });
