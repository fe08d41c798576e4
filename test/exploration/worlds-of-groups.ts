import { SUBSTITUTIONS } from './mutants';
import { LOG, NOTHING, SMALLEST, UNSAFE } from './smallest-world';
import type { World } from './world';

/** Replica 3 has learned op 1, everyone else holds it; a change of the group is proposed. (VRR §7.1, §7.5) */
const CHANGE_PROPOSED: World['script'] = [
  { kind: 'settle', among: [0, 1, 2, 3] },
  { kind: 'lose-all' },
  { kind: 'request', at: 0 },
];

/** Who works in an epoch says so, which only those who are replaced wait for; and nobody is told what they missed. */
const WITHOUT_HEARSAY = ['EpochStarted', 'NewEpoch', 'CommitOk'] as const;

const CHANGING = {
  replicas: 4,
  operations: [{ reconfigure: [0, 1, 3] }],
  timeoutsMax: 2,
  neverArrive: WITHOUT_HEARSAY,
  script: CHANGE_PROPOSED,
} satisfies Partial<World>;

const PRIMARY_REPLACED = { ...CHANGING, operations: [{ reconfigure: [1, 2, 3] }] };

/** Op 1 is everywhere, and the primary has released its witness. (VRR §6.1) */
const WITNESS_RELEASED: World['script'] = [
  { kind: 'settle', among: [0, 1, 2] },
  { kind: 'lose-all' },
  { kind: 'timeout', at: 0 },
];

const TWO_AND_WITNESS = {
  witnesses: 1,
  timeoutsMax: 2,
  neverArrive: ['CommitOk', 'Forwarded'],
} satisfies Partial<World>;

/** What a replica may have granted before it started is over. (E37 d) */
const FIRST_GRANTS_OVER: World['script'] = [{ kind: 'clocks' }];

/** The same, and the primary holds a lease that replica 1 has granted it. */
const LEASE_IN_FORCE: World['script'] = [
  ...FIRST_GRANTS_OVER,
  { kind: 'settle', among: [0, 1] },
  { kind: 'lose-all' },
];

const WITH_LEASES = {
  clockMax: 2,
  timeoutsMax: 2,
  script: FIRST_GRANTS_OVER,
} satisfies Partial<World>;

/** Groups that change, groups with a witness, and leases: the core as it is. */
const TRUE_WORLDS: readonly World[] = [
  {
    ...SMALLEST,
    ...CHANGING,
    name: 'hearsay of an epoch',
    says: 'replica 3 in place of replica 2, every word of it, and nothing else (VRR §7.4)',
    timeoutsMax: 0,
    neverArrive: [],
  },
  {
    ...SMALLEST,
    ...CHANGING,
    name: 'one replaced',
    says: 'replica 3 in place of replica 2, beside view 1 and a crash (VRR §7)',
    crashesMax: 1,
    losses: [NOTHING],
  },
  {
    ...SMALLEST,
    ...PRIMARY_REPLACED,
    name: 'primary replaced',
    says: 'replica 3 in place of the primary, beside view 1 and a crash (VRR §7)',
    crashesMax: 1,
    losses: [NOTHING],
  },
  {
    ...SMALLEST,
    ...CHANGING,
    name: 'view of the new epoch',
    says: 'replica 3 in place of replica 2, and view 1 in both epochs (VRR §8.3)',
    laterViewMax: 1,
  },
  {
    ...SMALLEST,
    ...CHANGING,
    name: 'request beside a change',
    says: 'replica 3 in place of replica 2, view 1, and a request meanwhile (E32)',
    operations: [...CHANGING.operations, 'echo'],
  },
  {
    ...SMALLEST,
    ...CHANGING,
    name: 'retirement',
    says: 'replica 2 retires when nobody needs it any more, beside view 1 (E30)',
    neverArrive: ['NewEpoch', 'CommitOk'],
  },
  {
    ...SMALLEST,
    ...TWO_AND_WITNESS,
    name: 'witness',
    says: 'two actives, a witness that stands in and is released, a request, view 1 (VRR §6.1)',
    operations: ['echo'],
    timeoutsMax: 3,
    script: WITNESS_RELEASED,
  },
  {
    ...SMALLEST,
    ...TWO_AND_WITNESS,
    name: 'witness and crash',
    says: 'two actives and a witness, view 1, two crashes, with the log and without it (VRR §6.1)',
    crashesMax: 2,
    losses: [NOTHING, LOG],
    script: WITNESS_RELEASED,
  },
  {
    ...SMALLEST,
    ...WITH_LEASES,
    name: 'leases',
    says: 'view 1, while the old primary may still read by itself (VRR §6.3.1)',
  },
  {
    ...SMALLEST,
    ...WITH_LEASES,
    name: 'leases for longer',
    says: 'the same over two steps of the clocks',
    clockMax: 3,
  },
  {
    ...SMALLEST,
    ...WITH_LEASES,
    name: 'leases and crash',
    says: 'view 1, leases, and a replica that starts again (E37 d)',
    crashesMax: 1,
    losses: [NOTHING],
    script: LEASE_IN_FORCE,
  },
];

const WORLDS_OF_MUTANTS: readonly World[] = [
  {
    ...UNSAFE,
    ...PRIMARY_REPLACED,
    name: 'epoch without its log',
    says: 'a member works in its epoch with what it holds of the one before (E29)',
    substitutions: [SUBSTITUTIONS.epochWithoutLog],
  },
  {
    ...UNSAFE,
    ...CHANGING,
    name: 'entries after the last',
    says: 'the log of an epoch goes on behind its last entry (E32)',
    substitutions: [SUBSTITUTIONS.entriesAfterTheLast],
    operations: [...CHANGING.operations, 'echo'],
  },
  {
    ...UNSAFE,
    ...CHANGING,
    name: 'retired by the news',
    says: 'a replaced replica goes as soon as it hears of the new epoch (E30)',
    substitutions: [SUBSTITUTIONS.retiredByTheNews],
  },
  {
    ...UNSAFE,
    ...TWO_AND_WITNESS,
    name: 'base of the primary alone',
    says: 'a witness lets go of what the primary has, whatever the other active lacks (E46)',
    substitutions: [SUBSTITUTIONS.baseOfPrimaryAlone],
  },
  {
    ...UNSAFE,
    ...WITH_LEASES,
    name: 'new primary does not wait',
    says: 'a new primary commits while the old one may still read by itself (E37 c)',
    substitutions: [SUBSTITUTIONS.newPrimaryDoesNotWait],
  },
  {
    ...UNSAFE,
    ...WITH_LEASES,
    name: 'votes without grants',
    says: 'DOVIEWCHANGE does not say how long its sender has promised to wait (E37 c)',
    substitutions: [SUBSTITUTIONS.votesWithoutGrants],
  },
  {
    ...UNSAFE,
    ...WITH_LEASES,
    name: 'lease from the answer',
    says: 'a lease is counted from the receipt of the answer (E37 a)',
    substitutions: [SUBSTITUTIONS.leaseFromAnswer],
    clockMax: 3,
  },
  {
    ...UNSAFE,
    ...WITH_LEASES,
    name: 'promise forgotten at restart',
    says: 'a replica that starts again has granted nothing, as far as it knows (E37 d)',
    substitutions: [SUBSTITUTIONS.promiseForgottenAtRestart],
    crashesMax: 1,
    losses: [NOTHING],
    script: LEASE_IN_FORCE,
  },
];

export const WORLDS_OF_GROUPS: readonly World[] = [...TRUE_WORLDS, ...WORLDS_OF_MUTANTS];
