import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { ReplicaNumber } from '../numbers/numbers';
import { headerOf, type ReplicaState } from '../state/replica-state';

/** ⟨NEWEPOCH⟩: whoever speaks of an older epoch hears which group it is now, also one that missed several. (VRR §7.4; E28) */
export function tellNewEpoch(state: ReplicaState, to: ReplicaNumber, now: Now, out: Outbox): void {
  // Nothing of an epoch is said before it is on the disk. (§1.8, R4)
  if (state.stores.promised.epochNumber < state.epochNumber) return;
  if (isTooOften(state, to, now)) return;
  out.send(to, { kind: 'NewEpoch', ...headerOf(state), epoch: state.epoch });
}

/** The sender is in an epoch that we know nothing of: any message of ours makes it tell. */
export function askForEpoch(state: ReplicaState, of: ReplicaNumber, now: Now, out: Outbox): void {
  if (isTooOften(state, of, now)) return;
  out.send(of, { kind: 'GetView', ...headerOf(state) });
}

function isTooOften(state: ReplicaState, other: ReplicaNumber, now: Now): boolean {
  const lastMs = state.hintedAtMs[other] ?? Number.NEGATIVE_INFINITY;
  if (now.monotonicMs - lastMs < state.limits.resendMs / 2) return true;
  state.hintedAtMs[other] = now.monotonicMs;
  return false;
}
