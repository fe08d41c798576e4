import { struct } from '../encoding/shape';
import type { Epoch } from '../state/configuration';
import { epochShape } from './configuration';
import { headerFields, type Header } from './header';

/** ⟨STARTEPOCH e, n, old, new⟩ to the members of the new group: "Your epoch begins after op n." (VRR §7.1) */
export interface StartEpoch extends Header {
  readonly kind: 'StartEpoch';
  readonly epoch: Epoch;
}

export const startEpochShape = struct({ ...headerFields, epoch: epochShape });
