import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { ReplicaNumber } from '../numbers/numbers';
import { activesOf, faultsTolerated, quorumOf } from '../state/configuration';
import { headerOf, isWitnessHere, othersOf, type ReplicaState } from '../state/replica-state';

/** This replica works in its epoch: it holds all that came before, on its disk. */
export function hasStarted(state: ReplicaState): boolean {
  return (
    (state.status === 'normal' || state.status === 'view-change') &&
    state.lastNormalView.epochNumber === state.epochNumber
  );
}

/** True for a member that works in the epoch and holds the state, false for one that only works in it. */
export function startedState(state: ReplicaState, member: ReplicaNumber): boolean | undefined {
  if (member !== state.self) return state.reconfiguration.started[member];
  return hasStarted(state) ? holdsState(state) : undefined;
}

/**
 * What the old group holds is no longer needed: a quorum works in the new epoch, and so many of it hold the state that
 * one of them survives whatever the group is made to survive. A witness holds none. (VRR §7.1.1; E30)
 */
export function isStarted(state: ReplicaState): boolean {
  const { configuration, previous } = state.epoch;
  if (previous === undefined) return true;
  const known = configuration.members.map((member) => startedState(state, member.replicaNumber));
  const working = known.filter((one) => one !== undefined).length;
  const holding = known.filter((one) => one === true).length;
  const needed = Math.min(faultsTolerated(configuration) + 1, activesOf(configuration).length);
  return working >= quorumOf(configuration) && holding >= needed;
}

/** ⟨EPOCHSTARTED⟩ to the new group and to the old one. (VRR §7.1.1) */
export function announceStarted(state: ReplicaState, out: Outbox): void {
  sendEpochStarted(state, everyoneElse(state), out);
}

export function sendEpochStarted(
  state: ReplicaState,
  to: readonly ReplicaNumber[],
  out: Outbox,
): void {
  const started = {
    kind: 'EpochStarted',
    ...headerOf(state),
    holdsState: holdsState(state),
  } as const;
  for (const other of to) out.send(other, started);
}

/** Every tick of who needs the epoch to begin: members that have not said that they work in it are told again. */
export function tellSilent(state: ReplicaState, now: Now, out: Outbox): void {
  const { reconfiguration, limits, epoch } = state;
  if (now.monotonicMs - reconfiguration.askedAtMs < limits.resendMs) return;
  reconfiguration.askedAtMs = now.monotonicMs;
  for (const { replicaNumber, role } of epoch.configuration.members) {
    const said = startedState(state, replicaNumber);
    if (replicaNumber === state.self || said === true || (said === false && role === 'witness')) {
      continue;
    }
    out.send(replicaNumber, { kind: 'StartEpoch', ...headerOf(state), epoch });
  }
}

/** Both groups, old members first, who hold what the new ones need. */
export function everyoneElse(state: ReplicaState): readonly ReplicaNumber[] {
  const old = (state.epoch.previous?.members ?? []).map((member) => member.replicaNumber);
  return [...new Set([...old, ...othersOf(state)])].filter((number) => number !== state.self);
}

function holdsState(state: ReplicaState): boolean {
  const { execution, epoch, stateWhole } = state;
  return !isWitnessHere(state) && stateWhole && execution.executed >= epoch.startOp;
}
