import type { Now } from '../boundary/input';
import { clusterMs, type ClusterMs } from '../numbers/numbers';
import type { ClusterClock, ReplicaState } from '../state/replica-state';

/** A view's clock starts at the stamp of the log's head: the time without a primary is not counted. (locks.md, R1) */
export function startClock(state: ReplicaState, now: Now): ClusterClock {
  return {
    baseMs: headMs(state),
    integratedMs: 0,
    lastMs: now.monotonicMs,
    clampedMs: 0,
  };
}

/**
 * The primary integrates its monotonic clock in small steps. A step is clamped, so that a stall of this process ages
 * nobody's lease, and dropped while no quorum is heard, since clients could not have renewed. (locks.md, R4)
 */
export function advanceClock(state: ReplicaState, now: Now): void {
  const { clock, inTouch } = state.primary;
  const elapsed = Math.max(0, now.monotonicMs - clock.lastMs);
  clock.lastMs = now.monotonicMs;
  const counted = inTouch ? Math.min(elapsed, state.limits.clockStepMsMax) : 0;
  clock.integratedMs += counted;
  clock.clampedMs += elapsed - counted;
}

/** The stamp that an entry closed now would carry: never less than its predecessor's. */
export function clockNow(state: ReplicaState): ClusterMs {
  const { clock } = state.primary;
  return clusterMs(Math.max(headMs(state), Math.floor(clock.baseMs + clock.integratedMs)));
}

/** The stamp of the head; of a log with nothing behind its checkpoint, that is what was executed last. */
function headMs({ log, execution }: ReplicaState): ClusterMs {
  return log.head?.clusterMs ?? execution.clusterMs;
}
