import type { Now } from '../boundary/input';
import { countdownLeftMs, pollCountdown, readingOf, type Countdown } from '../clock/lease-clock';
import type { Commit } from '../messages/commit';
import type { Prepare } from '../messages/prepare';
import type { Incarnation, ReplicaNumber, ViewNumber } from '../numbers/numbers';
import { compareViewstamps } from '../numbers/viewstamp';
import { activesOf } from '../state/configuration';
import type { Grant } from '../state/leases';
import type { ReplicaState } from '../state/replica-state';

/** Hearing the primary of our view renews what we grant it. (VRR §6.3.1; decision 7) */
export function renewGrant(state: ReplicaState, message: Prepare | Commit, now: Now): void {
  const { leases } = state;
  const { grant } = leases;
  const { replicaNumber, incarnation, epochNumber, viewNumber } = message;
  if (
    grant !== undefined &&
    grant.to === replicaNumber &&
    grant.incarnation === incarnation &&
    compareViewstamps(grant, message) === 0
  ) {
    grant.since = readingOf(now);
    return;
  }
  leases.earlier = longer(state, leases.earlier, countdownOf(state, grant), now);
  const since = readingOf(now);
  leases.grant = { to: replicaNumber, incarnation, epochNumber, viewNumber, since, ended: false };
}

/**
 * A process that starts has forgotten what it granted before: it behaves as if that were just now. Where nobody else
 * can be primary nobody else can hold a lease. (E37 d)
 */
export function grantAtStart(state: ReplicaState, now: Now): void {
  if (activesOf(state.epoch.configuration).length === 1) return;
  state.leases.earlier = { since: readingOf(now), lastsMs: grantMs(state) };
}

/**
 * `from` says that it serves in no view below this one: it leaves, or has left, and so it does not read by itself there.
 * Its own words only, and of the view they name: a late message of another view must not end a lease of this one. (E37 f)
 */
export function endGrant(
  state: ReplicaState,
  from: ReplicaNumber,
  life: Incarnation,
  servesFrom: ViewNumber,
): void {
  const { grant } = state.leases;
  if (grant === undefined || grant.to !== from) return;
  if (grant.incarnation <= life && grant.viewNumber < servesFrom) grant.ended = true;
}

/** How long others may still read by themselves because of us, at most: for our DOVIEWCHANGE. Whole milliseconds. */
export function leaseRemainingMs(state: ReplicaState, now: Now): number {
  const { leases, limits } = state;
  const left = (countdown: Countdown | undefined): number =>
    countdown === undefined ? 0 : countdownLeftMs(countdown, now, limits.leaseMarginMs);
  return Math.ceil(Math.max(left(leases.earlier), left(countdownOf(state, leases.grant))));
}

/** Every tick: forgets what has run out, so that nothing long past is measured by clocks that have gone apart since. */
export function pollGrants(state: ReplicaState, now: Now): void {
  const { leases, limits } = state;
  leases.earlier = pollCountdown(leases.earlier, now, limits.leaseMarginMs);
  const { grant } = leases;
  if (grant === undefined) return;
  const left = pollCountdown(countdownOf(state, grant), now, limits.leaseMarginMs);
  if (left !== undefined) grant.since = left.since;
  else if (!grant.ended) leases.grant = undefined;
}

/** Undefined when nobody reads by this grant any more: its primary has said so, or has begun another life. */
function countdownOf(state: ReplicaState, grant: Grant | undefined): Countdown | undefined {
  if (grant === undefined || grant.ended) return undefined;
  if ((state.incarnations[grant.to] ?? 0) > grant.incarnation) return undefined;
  return { since: grant.since, lastsMs: grantMs(state) };
}

function longer(
  state: ReplicaState,
  a: Countdown | undefined,
  b: Countdown | undefined,
  now: Now,
): Countdown | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const { leaseMarginMs } = state.limits;
  return countdownLeftMs(a, now, leaseMarginMs) > countdownLeftMs(b, now, leaseMarginMs) ? a : b;
}

/** Longer than the holder counts by its own clock, however the two clocks run within their bounds. (E37 b) */
const grantMs = ({ limits }: ReplicaState): number => limits.leaseMs * (1 + limits.clockDrift);
