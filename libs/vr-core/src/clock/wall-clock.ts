import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { ReplicaState, WallClock } from '../state/replica-state';

const NANOS = 1_000_000_000;
const JUMP_SECONDS_MAX = 60;

export function startWall(now: Now): WallClock {
  return {
    baseSeconds: now.wallSeconds,
    baseNanos: now.wallNanos,
    baseMs: now.monotonicMs,
    alarmed: false,
  };
}

/**
 * The wall stamp of an entry closed now: data for file times, never a deadline. A wall clock that jumps by more than a
 * minute within a view is not believed: the stamp runs on from where the view began, and somebody is told. A new view
 * starts from its primary's clock, or an outage of the whole group would keep file times wrong for ever. (decision 4)
 */
export function wallNow(
  state: ReplicaState,
  now: Now,
  out: Outbox,
): { readonly wallSeconds: number; readonly wallNanos: number } {
  const { wall } = state.primary;
  const elapsedMs = now.monotonicMs - wall.baseMs;
  const expectedSeconds = wall.baseSeconds + Math.floor(elapsedMs / 1000);
  if (Math.abs(now.wallSeconds - expectedSeconds) <= JUMP_SECONDS_MAX) {
    wall.alarmed = false;
    return { wallSeconds: now.wallSeconds, wallNanos: now.wallNanos };
  }
  if (!wall.alarmed) {
    wall.alarmed = true;
    out.alarm(
      `the wall clock reads ${now.wallSeconds} s where ${expectedSeconds} s was expected: file times run on from the expected time`,
    );
  }
  const nanos = wall.baseNanos + Math.floor((elapsedMs % 1000) * 1_000_000);
  return { wallSeconds: expectedSeconds + Math.floor(nanos / NANOS), wallNanos: nanos % NANOS };
}
