import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { RecoveryResponse } from '../messages/recovery-response';
import type { ViewNumber } from '../numbers/numbers';
import { primaryOf, quorumOf } from '../state/configuration';
import { headerOf, knownIncarnations, othersOf, type ReplicaState } from '../state/replica-state';
import { learnBase } from '../witness/base';
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
 * ours. A later answer that names a later view makes the rest too few again. An answer counts while nobody knows of a later
 * life of its sender, so those that count were given side by side, and none of them has been forgotten. (VRR §4.3, step 3;
 * E1 b, E5; ADR 10)
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

  const heard = responses
    .filter((response) => response !== undefined)
    .filter((response) => response.incarnation === state.incarnations[response.replicaNumber]);
  if (heard.length < quorumOf(state.epoch.configuration)) return;
  const latest = heard.reduce((a, b) => (b.viewNumber > a.viewNumber ? b : a)).viewNumber;
  const source = primaryOf(state.epoch.configuration, latest);
  recoverFrom(
    state,
    latest,
    heard.find((response) => response.replicaNumber === source),
    now,
    out,
  );
}

function recoverFrom(
  state: ReplicaState,
  view: ViewNumber,
  response: RecoveryResponse | undefined,
  now: Now,
  out: Outbox,
): void {
  if (state.viewChange.installation?.viewNumber === view) return;
  if (response?.viewNumber !== view || response.head === undefined) return;
  out.protocol(
    'recovery',
    `a quorum answered: takes the log of view ${view} from replica ${response.replicaNumber}`,
  );
  const source = response.replicaNumber;
  const { witnessBase, ...head } = response.head;
  learnBase(state, witnessBase);
  beginInstallation(
    state,
    { reason: 'recovery', source, viewNumber: view, ...head, encodedTail: [] },
    now,
    out,
  );
}
