import type { Consistency } from '@lockstep/vr-core';
import { LINEARIZABLE, stale } from '../replica-host/request-gateway';

/** A stale answer may be older than this only by an error. (decision 37) */
const STALENESS_MS_MAX = 10_000;

export const CONSISTENCIES = ['linearizable', 'lease', 'stale'] as const;
export type ReadConsistency = (typeof CONSISTENCIES)[number];

interface Asked {
  readonly consistency: ReadConsistency;
  readonly minOp: number;
}

export function consistencyOf({ consistency, minOp }: Asked): Consistency {
  switch (consistency) {
    case 'linearizable':
      return LINEARIZABLE;
    case 'lease':
      return { kind: 'lease' };
    case 'stale':
      return stale(minOp, STALENESS_MS_MAX);
  }
}
