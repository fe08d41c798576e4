import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { SUFFIX_BYTES } from '../messages/entries';
import type { DoViewChange } from '../messages/do-view-change';
import { headPlace, suffixToHead } from '../state/damaged-log';
import { headerOf, knownIncarnations, othersOf, type ReplicaState } from '../state/replica-state';
import { leaseRemainingMs } from '../reads/lease-grant';
import { chooseWhenEnough } from './on-do-view-change';
import { noteLeaseRemaining } from './wait-for-leases';

/**
 * ⟨DOVIEWCHANGE⟩ to all, so that everyone comes along, and to ourselves. Made once, when the promise is durable;
 * every repetition is the same. (VRR §4.2, step 2; decision 25)
 */
export function sendDoViewChange(state: ReplicaState, now: Now, out: Outbox): void {
  const { viewChange } = state;
  if (viewChange.own === undefined) {
    viewChange.own = makeDoViewChange(state, now);
    noteLeaseRemaining(state, viewChange.own.leaseRemainingMs, now);
  }
  viewChange.sentAtMs = now.monotonicMs;
  for (const other of othersOf(state)) out.send(other, viewChange.own);
  viewChange.received[state.self] = viewChange.own;
  chooseWhenEnough(state, now, out);
}

function makeDoViewChange(state: ReplicaState, now: Now): DoViewChange {
  const head = headPlace(state);
  return {
    kind: 'DoViewChange',
    ...headerOf(state),
    lastNormalView: state.lastNormalView,
    opNumber: head.opNumber,
    headHash: head.hash,
    commitNumber: state.commitNumber,
    entries: suffixToHead(state, SUFFIX_BYTES),
    incarnations: knownIncarnations(state),
    leaseRemainingMs: leaseRemainingMs(state, now),
  };
}
