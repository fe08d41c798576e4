import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { countdownLeftMs, pollCountdown, readingOf } from '../clock/lease-clock';
import type { ReplicaState } from '../state/replica-state';

/**
 * A participant of the view change has granted an older primary a lease. We may replicate at once, but nothing new is
 * committed, answered or read until what was left of it has passed here too. That is enough however the clocks run: by
 * the fastest that is allowed the whole grant lasts as long as the lease, and a slower one has more left. (VRR §6.3.1;
 * E37 c; ADR 13)
 */
export function noteLeaseRemaining(state: ReplicaState, remainingMs: number, now: Now): void {
  const { leases, limits } = state;
  const waits =
    leases.wait === undefined ? 0 : countdownLeftMs(leases.wait, now, limits.leaseMarginMs);
  if (remainingMs > waits) leases.wait = { since: readingOf(now), lastsMs: remainingMs };
}

/** True while a lease of an older view may still be in use. */
export function waitsForLeases(state: ReplicaState, now: Now): boolean {
  const { leases, limits } = state;
  if (leases.wait === undefined) return false;
  leases.wait = pollCountdown(leases.wait, now, limits.leaseMarginMs);
  return leases.wait !== undefined;
}

export function tellWait(state: ReplicaState, now: Now, out: Outbox): void {
  const { leases, limits } = state;
  if (leases.wait === undefined) return;
  const left = Math.ceil(countdownLeftMs(leases.wait, now, limits.leaseMarginMs));
  if (left > 0)
    out.protocol('lease', `commits nothing for ${left} ms: an older lease may be in use`);
}
