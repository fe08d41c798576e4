import type { Model, Outcome, Question } from '../history/history';

export const MODES = [
  'intent-shared',
  'intent-exclusive',
  'shared',
  'update',
  'shared-intent-exclusive',
  'exclusive',
] as const;
export type Mode = (typeof MODES)[number];

/** Held beside which others a mode may be had. (docs/locks.md; Gray, "Granularity of locks", 1976; U asymmetric nowhere) */
const BESIDE: Readonly<Record<Mode, readonly Mode[]>> = {
  'intent-shared': [
    'intent-shared',
    'intent-exclusive',
    'shared',
    'update',
    'shared-intent-exclusive',
  ],
  'intent-exclusive': ['intent-shared', 'intent-exclusive'],
  shared: ['intent-shared', 'shared', 'update'],
  update: ['intent-shared', 'shared'],
  'shared-intent-exclusive': ['intent-shared'],
  exclusive: [],
};

export const goTogether = (a: Mode, b: Mode): boolean => BESIDE[a].includes(b);

/** An owner holds a lock once; owners are named by nobody twice. */
interface Holder {
  readonly owner: string;
  readonly session: string;
  readonly mode: Mode;
}

export interface LockState {
  readonly holders: readonly Holder[];
  /** The highest fence that anybody has been told of. */
  readonly fence: bigint;
  readonly ended: readonly string[];
}

/**
 * One lock: who holds it in which modes. Questions are `acquire`, `release`, `lock` (who holds it), and `end` of a session,
 * which nobody asks: it happens some time after nobody could be sure any more that the session lives.
 */
export const lockModel: Model<LockState> = {
  initial: { holders: [], fence: 0n, ended: [] },

  key: ({ holders, fence, ended }) =>
    `${holders.map(({ owner, mode }) => `${owner} ${mode}`).join(', ') || 'free'} fence ${fence} ${ended.join(' ')}`,

  after(state, question, outcome) {
    switch (question.kind) {
      case 'acquire':
        return afterAcquire(state, question, outcome);
      case 'release':
        return afterRelease(state, question, outcome);
      case 'end':
        return [withoutSession(state, String(question['session']))];
      default:
        return afterLook(state, outcome);
    }
  },

  afterUnknown(state, question) {
    switch (question.kind) {
      case 'acquire':
        return granted(state, question);
      case 'release':
        return [withoutOwner(state, String(question['owner']))];
      case 'end':
        return [withoutSession(state, String(question['session']))];
      default:
        return [state];
    }
  },

  changes: ({ kind }, outcome) => kind !== 'lock' && outcome.kind === 'done',
};

function afterAcquire(
  state: LockState,
  question: Question,
  outcome: Outcome,
): readonly LockState[] {
  if (outcome.kind === 'done') {
    const fence = BigInt((outcome.value as { fence: string }).fence);
    return fence > state.fence ? granted(state, question).map((next) => ({ ...next, fence })) : [];
  }
  // Who waits is no part of this model, so that it may not say whether somebody does.
  return outcome.code === 'lock-held' && fits(state, question) ? [] : [state];
}

function afterRelease(
  state: LockState,
  question: Question,
  outcome: Outcome,
): readonly LockState[] {
  const owner = String(question['owner']);
  const holds = state.holders.some((holder) => holder.owner === owner);
  const released =
    outcome.kind === 'done' && (outcome.value as { outcome: string }).outcome === 'released';
  return holds === released ? [withoutOwner(state, owner)] : [];
}

function afterLook(state: LockState, outcome: Outcome): readonly LockState[] {
  if (outcome.kind === 'refused') return [state];
  const { holders } = outcome.value as { holders: readonly Holder[] };
  const seen = holders.map(({ owner, mode }) => `${owner} ${mode}`).sort();
  const held = state.holders.map(({ owner, mode }) => `${owner} ${mode}`).sort();
  return seen.join() === held.join() ? [state] : [];
}

const fits = ({ holders }: LockState, { mode }: Question): boolean =>
  holders.every((holder) => goTogether(holder.mode, mode as Mode));

function granted(state: LockState, question: Question): LockState[] {
  const { owner, session, mode } = question as unknown as Holder;
  if (!fits(state, question) || state.ended.includes(session)) return [];
  const holders = [...state.holders, { owner, session, mode }];
  return [{ ...state, holders: holders.sort((a, b) => (a.owner < b.owner ? -1 : 1)) }];
}

const withoutOwner = (state: LockState, owner: string): LockState => ({
  ...state,
  holders: state.holders.filter((holder) => holder.owner !== owner),
});

const withoutSession = (state: LockState, session: string): LockState => ({
  ...state,
  holders: state.holders.filter((holder) => holder.session !== session),
  ended: state.ended.includes(session) ? state.ended : [...state.ended, session].sort(),
});
