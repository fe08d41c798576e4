import type { Incarnation, Promised, ReplicaNumber } from '@lockstep/vr-core';

/** The promise with this life in its own place. (decision 3) */
export function withOwnLife(promised: Promised, self: ReplicaNumber, life: Incarnation): Promised {
  const others = promised.incarnations.filter((known) => known.replicaNumber !== self);
  return { ...promised, incarnations: [...others, { replicaNumber: self, incarnation: life }] };
}
