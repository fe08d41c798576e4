import { toHex, type ReplicaView } from '@lockstep/vr-core';
import { epochJson } from '../config/epoch-json';

/** The whole of what a replica shows of itself. */
export function viewJson(view: ReplicaView): object {
  const { checkpoint, epoch, lease } = view;
  return {
    ...view,
    checkpoint: checkpoint && { op: checkpoint.opNumber, id: toHex(checkpoint.id) },
    epoch: epochJson(epoch),
    // Without end in a group of one, which JSON cannot say.
    lease: lease.valid && lease.leftMs === Infinity ? { valid: true } : lease,
  };
}
