import { Outbox, type Replica } from '@lockstep/vr-core';
import type { RestorePages } from '../storage/replica-storage';
import { readClocks } from './host-clock';

/** Hands pages of the disk to a replica that has not started yet. No effect follows from them. (VRR §5.1) */
export function restoreInto(replica: Replica): RestorePages {
  const out = new Outbox();
  return (pages) => {
    replica.step({ kind: 'restore', pages }, readClocks(), out);
  };
}
