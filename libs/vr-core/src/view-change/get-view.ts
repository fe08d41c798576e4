import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { GetView } from '../messages/get-view';
import type { ViewNumber } from '../numbers/numbers';
import { primaryOf } from '../state/configuration';
import { headerOf, isNormalPrimary, othersOf, type ReplicaState } from '../state/replica-state';
import { offerStartView } from './send-start-view';

/**
 * A later view exists: its primary is asked for its STARTVIEW. Our own view changes only when that has come: hearing of
 * a view is not being in it. (E7, E18)
 */
export function askForView(state: ReplicaState, view: ViewNumber, now: Now, out: Outbox): void {
  const { backup, limits } = state;
  const primary = primaryOf(state.epoch.configuration, view);
  if (primary === state.self || now.monotonicMs - backup.askedViewAtMs < limits.resendMs) return;
  backup.askedViewAtMs = now.monotonicMs;
  out.send(primary, { kind: 'GetView', ...headerOf(state), viewNumber: view });
}

/**
 * A primary that is silent asks everyone for the view they are in: another may have begun without it, whose primary has
 * fallen silent as well. (D13)
 */
export function askWhetherReplaced(state: ReplicaState, now: Now, out: Outbox): void {
  const { primary, limits } = state;
  if (now.monotonicMs - primary.beatAtMs < limits.resendMs) return;
  primary.beatAtMs = now.monotonicMs;
  for (const other of othersOf(state)) out.send(other, { kind: 'GetView', ...headerOf(state) });
}

export function onGetView(state: ReplicaState, message: GetView, now: Now, out: Outbox): void {
  if (!isNormalPrimary(state)) return out.ignore(message, 'not the primary');
  if (message.viewNumber > state.viewNumber) return out.ignore(message, 'newer view');
  offerStartView(state, message.replicaNumber, now, out);
}
