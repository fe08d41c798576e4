import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { SUFFIX_BYTES } from '../messages/entries';
import type { StartView } from '../messages/start-view';
import type { ReplicaNumber } from '../numbers/numbers';
import { headerOf, knownIncarnations, othersOf, type ReplicaState } from '../state/replica-state';

/** ⟨STARTVIEW⟩ to all: the view has begun, its log is on our disk. (VRR §4.2, step 4; E20) */
export function broadcastStartView(state: ReplicaState, out: Outbox): void {
  const message = makeStartView(state);
  for (const backup of othersOf(state)) out.send(backup, message);
}

/** To one replica that has missed it; not more often than it could take it in. */
export function offerStartView(
  state: ReplicaState,
  to: ReplicaNumber,
  now: Now,
  out: Outbox,
): void {
  if (now.monotonicMs - (state.hintedAtMs[to] ?? 0) < state.limits.resendMs / 2) return;
  state.hintedAtMs[to] = now.monotonicMs;
  out.send(to, makeStartView(state));
}

function makeStartView(state: ReplicaState): StartView {
  const { log } = state;
  return {
    kind: 'StartView',
    ...headerOf(state),
    opNumber: log.opNumber,
    headHash: log.headHash,
    commitNumber: state.commitNumber,
    entries: log.suffix(SUFFIX_BYTES),
    incarnations: knownIncarnations(state),
    witnessBase: state.witness.base,
  };
}
