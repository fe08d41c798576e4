import { bool, struct } from '../encoding/shape';
import { headerFields, type Header } from './header';

/** ⟨EPOCHSTARTED e, i⟩: "I hold everything up to the start of epoch e, on my disk, and work in it." (VRR §7.1.1) */
export interface EpochStarted extends Header {
  readonly kind: 'EpochStarted';
  /** False for a witness, which holds no state. (E30) */
  readonly holdsState: boolean;
}

export const epochStartedShape = struct({ ...headerFields, holdsState: bool });
