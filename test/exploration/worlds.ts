import { SUBSTITUTIONS } from './mutants';
import { FENCED, FORGETFUL, LOG, NONCE, NOTHING, SMALLEST, UNSAFE } from './smallest-world';
import type { Loss, World } from './world';
import { WORLDS_OF_GROUPS } from './worlds-of-groups';

/** Op 1 is committed, its messages are gone, and replica 2 has recovered from a crash; what that took may come again. */
const RECOVERED_ONCE = (loss: Loss): World['script'] => [
  { kind: 'settle', among: [0, 1, 2] },
  { kind: 'lose-all' },
  { kind: 'crash', at: 2, loss },
  { kind: 'settle', among: [0, 1, 2] },
];

/** The core as it is. Numbers M1 to M16 name the runs of the paper's own protocol that a world is like. */
const TRUE_WORLDS: readonly World[] = [
  {
    ...SMALLEST,
    name: 'one view change',
    says: 'a request, and view 1',
    operations: ['echo'],
  },
  {
    ...SMALLEST,
    name: 'state transfer',
    says: 'a request, and backups that fetch what they lack',
    viewMax: 0,
    operations: ['echo'],
    fetches: true,
  },
  {
    ...SMALLEST,
    name: 'hints',
    says: 'view 1, and whoever has missed it is told',
    hints: true,
  },
  {
    ...SMALLEST,
    name: 'two view changes',
    says: 'views 0 to 2 without a crash (M15)',
    viewMax: 2,
    timeoutsMax: 2,
  },
  {
    ...SMALLEST,
    name: 'three view changes',
    says: 'views 0 to 3 without a crash (M12)',
    viewMax: 3,
  },
  {
    ...SMALLEST,
    name: 'durable promise',
    says: 'view 1, two crashes without the log, one after the other (M3)',
    crashesMax: 2,
    losses: [LOG],
  },
  {
    ...SMALLEST,
    name: 'second recovery',
    says: 'a request, and a second crash of the same replica (beside M6)',
    operations: ['echo'],
    crashesMax: 1,
    losses: [LOG],
    script: RECOVERED_ONCE(LOG),
  },
  {
    ...SMALLEST,
    name: 'overlapping crashes',
    says: 'view 1, two crashes without the log, also at once (M4)',
    crashesMax: 2,
    losses: [LOG],
    recoveringMax: 3,
  },
  {
    ...SMALLEST,
    name: 'durable everything',
    says: 'view 1, two crashes with the log kept (M14)',
    crashesMax: 2,
    losses: [NOTHING],
  },
  {
    ...SMALLEST,
    name: 'slow disks',
    says: 'view 1, and a crash between any two writes',
    crashesMax: 1,
    losses: [NOTHING],
    slowDisks: true,
  },
  {
    ...SMALLEST,
    name: 'fenced return',
    says: 'view 1, two crashes without the promise, which the operator tells (M5); more than can be exhausted soon',
    crashesMax: 2,
    losses: [FENCED],
    statesMax: 4_000_000,
  },
  {
    ...SMALLEST,
    name: 'three views, two crashes',
    says: 'views 0 to 3 and two crashes with the log kept; more than can be exhausted',
    viewMax: 3,
    crashesMax: 2,
    losses: [NOTHING],
    statesMax: 1_000_000,
  },
];

/** The core with an error: the explorer finds an op lost, or the core its own invariant broken. */
const WORLDS_OF_MUTANTS: readonly World[] = [
  {
    ...UNSAFE,
    name: 'promise not kept',
    says: 'view 1, a crash without the promise, untold (M1, M2)',
    crashesMax: 1,
    losses: [FORGETFUL],
  },
  {
    ...UNSAFE,
    name: 'nonce used again',
    says: 'a request, two crashes, the second with the nonce of the first (M6)',
    operations: ['echo'],
    crashesMax: 1,
    losses: [NONCE],
    script: RECOVERED_ONCE(NONCE),
  },
  {
    ...UNSAFE,
    name: 'StartView without guard',
    says: 'a STARTVIEW of a lower view is believed (M9)',
    substitutions: [SUBSTITUTIONS.startViewWithoutGuard],
  },
  {
    ...UNSAFE,
    name: 'view of the last entry',
    says: "views 0 to 3, v' is that of the last entry (M10)",
    substitutions: [SUBSTITUTIONS.viewOfLastEntry],
    viewMax: 3,
  },
  {
    ...UNSAFE,
    name: 'truncation by asking',
    says: 'views 0 to 3, whoever hears of a later view cuts its log (M11)',
    substitutions: [SUBSTITUTIONS.truncateOnGetState],
    viewMax: 3,
  },
  {
    ...UNSAFE,
    name: 'quorum of half',
    says: 'four replicas, two are taken for enough (M13)',
    substitutions: [SUBSTITUTIONS.quorumOfHalf],
    replicas: 4,
    members: 4,
  },
  {
    ...UNSAFE,
    name: 'quorum of f',
    says: 'three replicas, one is taken for enough',
    substitutions: [SUBSTITUTIONS.quorumOfF],
  },
  {
    ...UNSAFE,
    name: 'reply before commit',
    says: "the primary's own disk is taken for enough",
    substitutions: [SUBSTITUTIONS.replyBeforeCommit],
  },
  {
    ...UNSAFE,
    name: 'longest log wins',
    says: 'views 0 to 2, the longest log is chosen, of whatever view',
    substitutions: [SUBSTITUTIONS.longestLogWins],
    viewMax: 2,
  },
  {
    ...UNSAFE,
    name: 'ack before sync',
    says: 'a backup acknowledges what a crash can take from it',
    substitutions: [SUBSTITUTIONS.ackBeforeSync],
    crashesMax: 1,
    losses: [NOTHING],
    slowDisks: true,
  },
  {
    ...UNSAFE,
    name: 'promise after the message',
    says: 'a replica speaks in a view before its disk knows of it',
    substitutions: [SUBSTITUTIONS.promiseAfterMessage],
    crashesMax: 1,
    losses: [NOTHING],
    slowDisks: true,
  },
  {
    ...UNSAFE,
    name: 'primary resumes its view',
    says: 'two requests, and a primary that goes on after a crash (T31)',
    substitutions: [SUBSTITUTIONS.primaryResumes],
    viewMax: 0,
    operations: ['echo', 'echo'],
    timeoutsMax: 0,
    crashesMax: 1,
    losses: [NOTHING],
    slowDisks: true,
  },
];

export const WORLDS: readonly World[] = [...TRUE_WORLDS, ...WORLDS_OF_MUTANTS, ...WORLDS_OF_GROUPS];

export function worldNamed(name: string): World {
  const world = WORLDS.find((one) => one.name === name);
  if (world === undefined) throw new RangeError(`there is no world "${name}"`);
  return world;
}
