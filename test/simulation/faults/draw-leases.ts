import { DEFAULT_LIMITS } from '@lockstep/vr-core';
import type { Chance } from '../chance';
import type { Plan } from './plan';

/** How leases are used in this seed, and how far clocks go apart beside what leases allow for. */
export function withLeases(plan: Plan, chance: Chance): Plan {
  const { clocks } = plan.faults;
  // Clocks far apart and long leases: whoever forgets the bound is seen to.
  const wide = chance.happens(0.4);
  const drift = wide ? 0.2 : clocks.drift;
  const beyond = drift > DEFAULT_LIMITS.clockDrift && chance.happens(0.2);
  return {
    ...plan,
    limits: {
      ...plan.limits,
      leaseMs: chance.pick(wide ? [200, 400] : [0, 80, 80, 80, 300]),
      leaseMarginMs: chance.pick([13, 20]),
      clockDrift: beyond ? DEFAULT_LIMITS.clockDrift : Math.max(drift, DEFAULT_LIMITS.clockDrift),
    },
    clients: {
      ...plan.clients,
      weights: { ...plan.clients.weights, 'lease-read': chance.pick([0, 2, 4]) },
    },
    faults: { ...plan.faults, clocks: { ...clocks, drift } },
  };
}

/** Rates stay within what leases are built for; beyond that nothing is promised, but that the primary sees it. */
export function leasesHold({ limits, faults }: Plan): boolean {
  return faults.clocks.drift <= (limits.clockDrift ?? DEFAULT_LIMITS.clockDrift);
}
