import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { RecoveryResponse } from '../messages/recovery-response';
import type { ViewNumber } from '../numbers/numbers';
import { primaryOf, quorumOf } from '../state/configuration';
import { headerOf, knownIncarnations, othersOf, type ReplicaState } from '../state/replica-state';
import { beginInstallation } from '../view-change/install-log';

/**
 * The log is lost, the promise is not: ask everyone where the group is, and until a quorum has told take part in
 * nothing. (VRR §4.3, step 1; decision 3)
 */
export function sendRecovery(state: ReplicaState, now: Now, out: Outbox): void {
  state.recovery.sentAtMs = now.monotonicMs;
  for (const other of othersOf(state)) {
    out.send(other, {
      kind: 'Recovery',
      ...headerOf(state),
      nonce: state.nonce,
      incarnations: knownIncarnations(state),
    });
  }
}

/** Every tick while recovering: ask again, also to learn of a view that began meanwhile. (E5) */
export function pollRecovery(state: ReplicaState, now: Now, out: Outbox): void {
  if (now.monotonicMs - state.recovery.sentAtMs >= state.limits.resendMs) {
    sendRecovery(state, now, out);
  }
}

/**
 * A quorum of others has answered, the primary of the latest view that any of them names among them: its log becomes
 * ours. A later answer that names a later view makes the rest too few again. (VRR §4.3, step 3; E5)
 */
export function onRecoveryResponse(
  state: ReplicaState,
  message: RecoveryResponse,
  now: Now,
  out: Outbox,
): void {
  if (state.status !== 'recovering') return out.ignore(message, 'not recovering');
  if (message.nonce !== state.nonce) return out.ignore(message, 'another nonce');
  const { responses } = state.recovery;
  responses[message.replicaNumber] = message;

  const heard = responses.filter((response) => response !== undefined);
  if (heard.length < quorumOf(state.epoch.configuration)) return;
  const latest = heard.reduce((a, b) => (b.viewNumber > a.viewNumber ? b : a)).viewNumber;
  recoverFrom(state, latest, now, out);
}

function recoverFrom(state: ReplicaState, view: ViewNumber, now: Now, out: Outbox): void {
  const { viewChange, recovery } = state;
  if (viewChange.installation?.viewNumber === view) return;
  const source = primaryOf(state.epoch.configuration, view);
  const response = recovery.responses[source];
  if (response?.viewNumber !== view || response.head === undefined) return;
  out.protocol(
    'recovery',
    `a quorum answered: takes the log of view ${view} from replica ${source}`,
  );
  beginInstallation(
    state,
    { reason: 'recovery', source, viewNumber: view, ...response.head, encodedTail: [] },
    now,
    out,
  );
}
