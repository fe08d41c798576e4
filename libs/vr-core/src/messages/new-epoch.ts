import { struct } from '../encoding/shape';
import type { Epoch } from '../state/configuration';
import { epochShape } from './configuration';
import { headerFields, type Header } from './header';

/** ⟨NEWEPOCH e, v, new⟩ to whoever speaks of an older epoch: "The group is this one now." (VRR §7.4; E28) */
export interface NewEpoch extends Header {
  readonly kind: 'NewEpoch';
  readonly epoch: Epoch;
}

export const newEpochShape = struct({ ...headerFields, epoch: epochShape });
