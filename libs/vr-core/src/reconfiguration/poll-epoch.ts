import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { ReplicaState } from '../state/replica-state';

/** Every tick of a replica between two epochs, before its first or after its last. */
export function pollEpoch(_state: ReplicaState, _now: Now, _out: Outbox): void {}
