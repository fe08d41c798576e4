import type { Limits } from '@lockstep/vr-core';
import type { Chance } from '../chance';
import type { ClientPlan } from '../clients/client-plan';
import type { DiskPlan } from '../disk';
import type { NetworkPlan } from '../network';
import { withLeases } from './draw-leases';
import type {
  ClockPlan,
  CrashPlan,
  FaultPlan,
  HintPlan,
  MembershipPlan,
  Plan,
  Profile,
  Spell,
} from './plan';

/** How often each kind of fault is part of a seed's mix, and how dense its faults are then. */
const PROFILE = {
  calm: { part: 0, density: 0, loss: 0 },
  rough: { part: 0.4, density: 1, loss: 0.05 },
  harsh: { part: 0.65, density: 2.5, loss: 0.2 },
} as const satisfies Record<Profile, { part: number; density: number; loss: number }>;

/** What the seed need not decide. */
export type GivenGroup = Partial<Record<'replicas' | 'witnesses', number | undefined>>;

/** Swarm testing: a seed does not have a little of everything, but much of some things and nothing of others. */
export function drawPlan(chance: Chance, profile: Profile, given: GivenGroup): Plan {
  return withLeases(drawMix(chance, profile, given), chance.stream('leases'));
}

function drawMix(chance: Chance, profile: Profile, given: GivenGroup): Plan {
  const count = given.replicas ?? chance.pick([3, 3, 3, 3, 3, 3, 5, 5, 4, 1]);
  return {
    replicas: count,
    witnesses: given.witnesses ?? drawWitnesses(chance.stream('witnesses'), count),
    limits: drawLimits(chance.stream('limits')),
    network: drawNetwork(chance.stream('network'), profile),
    disk: drawDisk(chance.stream('disk'), count),
    clients: drawClients(chance.stream('clients'), profile),
    flushDelayMs: chance.pick([0, 0, 0.2, 1]),
    faults: drawFaults(chance.stream('faults'), profile),
  };
}

/** 2 + 1, 3 + 2; or none. */
function drawWitnesses(chance: Chance, replicas: number): number {
  return replicas % 2 === 1 && chance.happens(0.3) ? (replicas - 1) / 2 : 0;
}

function drawLimits(chance: Chance): Partial<Limits> {
  return {
    suspicionMs: chance.pick([200, 500, 1000]),
    stickyMs: chance.pick([50, 100, 200]),
    viewChangeMs: chance.pick([200, 500]),
    resendMs: chance.pick([30, 100]),
    abdicateMs: chance.pick([300, 1000]),
    forwardRetryMs: chance.pick([150, 500]),
    pipelineMax: chance.pick([1, 2, 8, 8]),
    batchRequestsMax: chance.pick([1, 3, 2048]),
    touchDelayMs: chance.pick([50, 250]),
    checkpointOps: chance.pick([10, 50, 200]),
    checkpointPagesPerTick: chance.pick([1, 8, 64]),
    logKeepOps: chance.pick([0, 5, 100]),
    transferQuestionsMax: chance.pick([1, 4]),
    witnessAfterMs: chance.stream('witnesses').pick([20, 60, 200]),
  };
}

function drawNetwork(chance: Chance, profile: Profile): NetworkPlan {
  const { part, loss } = PROFILE[profile];
  const lossy = chance.happens(part);
  const repeating = chance.happens(part);
  return {
    delayMinMs: chance.pick([0.05, 0.3, 2]),
    delayMeanMs: profile === 'calm' ? 0.5 : chance.pick([0.2, 1, 5, 20]),
    loss: lossy ? chance.between(0, loss) : 0,
    duplication: repeating ? chance.between(0, 0.3) : 0,
    encodeEvery: chance.pick([1, 5, 17]),
  };
}

function drawDisk(chance: Chance, replicas: number): DiskPlan {
  return {
    syncMeanMs: chance.pick([0.1, 1, 5]),
    groupCommit: chance.happens(0.7),
    // A group of one in mode `replicated` promises nothing.
    mode: replicas > 1 && chance.happens(0.2) ? 'replicated' : 'durable',
  };
}

function drawClients(chance: Chance, profile: Profile): ClientPlan {
  const calm = profile === 'calm';
  return {
    clients: chance.pick([2, 4, 6]),
    outstandingMax: chance.pick([1, 4, 16]),
    thinkMeanMs: chance.pick([3, 8, 25]),
    doorTimeoutMs: chance.pick([500, 1500]),
    patienceMs: chance.pick([700, 2000]),
    delayMeanMs: 0.5,
    loss: calm ? 0 : chance.pick([0, 0.02]),
    duplication: chance.pick([0, 0.1, 0.3]),
    ttlMs: chance.pick([2000, 4000, 10_000]),
    dieEveryMs: chance.pick([0, 3000, 10_000]),
    counters: chance.pick([1, 4]),
    locks: chance.pick([1, 3, 8]),
    weights: {
      add: chance.pick([2, 5]),
      'keyed-add': chance.pick([0, 1]),
      acquire: chance.pick([0, 3]),
      release: 2,
      cancel: 1,
      read: chance.pick([1, 4, 12]),
      'stale-read': chance.pick([0, 2]),
      'lease-read': 0,
    },
  };
}

function drawFaults(chance: Chance, profile: Profile): FaultPlan {
  const { part, density } = PROFILE[profile];
  /** Part of the mix or not; when it is, every `meanMs` on average, more often in a denser profile. */
  const every = (meanMs: number): number =>
    chance.happens(part) ? (meanMs * chance.between(0.5, 2)) / density : 0;
  const spell = (everyMs: number, lastsMs: number): Spell => ({
    everyMs: every(everyMs),
    lastsMs: lastsMs * chance.between(0.5, 2),
  });
  return {
    crash: drawCrash(chance, spell(5000, 800)),
    partition: spell(6000, 1500),
    flap: spell(2000, 100),
    pause: spell(8000, 1200),
    storm: spell(5000, 600),
    slowDisk: { ...spell(6000, 1000), syncMeanMs: chance.pick([20, 100, 400]) },
    clocks: drawClocks(chance, spell(8000, 1000), every(8000)),
    hints: drawHints(chance, every(4000)),
    membership: drawMembership(chance.stream('membership'), part),
    stepDownEveryMs: every(6000),
    leaseTrapEveryMs: every(1500),
  };
}

function drawMembership(chance: Chance, part: number): MembershipPlan {
  const isPart = chance.happens(part / 2);
  return { everyMs: isPart ? chance.between(500, 4000) : 0, nodesMax: 12 };
}

function drawCrash(chance: Chance, spell: Spell): CrashPlan {
  return {
    ...spell,
    all: chance.pick([0, 0.1, 0.3]),
    primary: chance.pick([0, 0.5, 0.9]),
    loseLog: chance.pick([0, 0.1, 0.4]),
    loseDisk: chance.stream('lost disks').pick([0, 0, 0.1, 0.4]),
    damageEntry: chance.stream('damaged entries').pick([0, 0.2, 0.8]),
  };
}

function drawClocks(chance: Chance, standStill: Spell, jumpEveryMs: number): ClockPlan {
  return {
    drift: chance.pick([0, 0.01, 0.05]),
    jumpEveryMs,
    jumpMaxMs: chance.pick([100, 1000, 60_000]),
    standStill,
  };
}

function drawHints(chance: Chance, falseEveryMs: number): HintPlan {
  return {
    told: chance.pick([0, 0.8, 1]),
    lateMeanMs: chance.pick([1, 20, 500]),
    falseEveryMs,
  };
}
