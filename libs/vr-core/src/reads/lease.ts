import type { Now } from '../boundary/input';
import { clocksDisagree, elapsedAtMostMs, readingOf } from '../clock/lease-clock';
import type { LeaseView } from '../replica/replica-view';
import { quorumOf } from '../state/configuration';
import type { BeatMark } from '../state/leases';
import { isNormalPrimary, type ReplicaState } from '../state/replica-state';

/** Beats of one millisecond share a mark: the earliest send time stands for them all. */
const MARK_EVERY_MS = 1;

/**
 * May this replica answer reads by itself now? While q - 1 others let nobody else commit, what it has executed is all
 * that anyone has been told. A lease is counted from the *sending* of the beat that they have echoed, by the clock that
 * makes it shorter; checked at the time of this step, of which a read of its state is a read. (VRR §6.3.1; E37 a, b, e)
 */
export function leaseOf(state: ReplicaState, now: Now): LeaseView {
  if (!isNormalPrimary(state)) return refused('not the primary');
  // Until the view's first op is committed an older primary may have acknowledged more than we know of. (E21)
  if (state.commitNumber < state.primary.newViewOp) return refused('the view is not settled');
  if (!state.stateWhole || state.execution.executed < state.commitNumber) {
    return refused('not all is executed');
  }
  const quorum = quorumOf(state.epoch.configuration);
  if (quorum === 1) return { valid: true, leftMs: Number.POSITIVE_INFINITY };
  if (state.backup.abdicated) return refused('steps down');
  if (state.leases.rates.someDrift) return refused('a clock drifts');
  return leaseSince(
    state,
    markOf(state, state.primary.acknowledgements.beatOfAtLeast(quorum - 1)),
    now,
  );
}

export function isLeaseValid(state: ReplicaState, now: Now): boolean {
  return leaseOf(state, now).valid;
}

function leaseSince(state: ReplicaState, mark: BeatMark | undefined, now: Now): LeaseView {
  const { leaseMs, clockDrift, leaseMarginMs } = state.limits;
  if (mark === undefined) return refused('no quorum has echoed');
  if (clocksDisagree(mark, now, leaseMarginMs)) return refused('the clocks disagree');
  const leftMs = leaseMs * (1 - clockDrift) - leaseMarginMs - elapsedAtMostMs(mark, now);
  return leftMs > 0 ? { valid: true, leftMs } : refused('run out');
}

const refused = (why: Extract<LeaseView, { valid: false }>['refused']): LeaseView => ({
  valid: false,
  refused: why,
});

/** A beat goes out. What was sent longer than a lease ago supports none. */
export function markBeat(state: ReplicaState, now: Now): void {
  const { marks } = state.leases;
  const { monotonicMs } = now;
  const last = marks.at(-1);
  if (last !== undefined && monotonicMs - last.monotonicMs < MARK_EVERY_MS) return;
  while (marks[0] !== undefined && monotonicMs - marks[0].monotonicMs > state.limits.leaseMs) {
    marks.shift();
  }
  marks.push({ beat: state.primary.beat, ...readingOf(now) });
}

/** When `beat` was sent, or a little earlier; undefined when that is long ago, or before the lease was voided. */
export function markOf(state: ReplicaState, beat: number): BeatMark | undefined {
  const { marks } = state.leases;
  for (let at = marks.length - 1; at >= 0; at -= 1) {
    const mark = marks[at];
    if (mark !== undefined && mark.beat <= beat) return mark;
  }
  return undefined;
}

/** Whatever was echoed so far supports no lease any more; only later beats will. (E37 b, f; decision 7) */
export function voidLease(state: ReplicaState): void {
  state.leases.marks = [];
}
