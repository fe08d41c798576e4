import { isMember } from '../state/configuration';
import type { Ignored } from '../boundary/ignored';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { Message } from '../messages/message';
import { epochRefusal, standingRefusal } from '../reconfiguration/epoch-gate';
import { learnIncarnation } from '../recovery/incarnations';
import { isNormalPrimary, headerOf, type ReplicaState } from '../state/replica-state';
import { askForView } from '../view-change/get-view';
import { offerStartView } from '../view-change/send-start-view';

/**
 * What a message must pass before its handler sees it: epoch, membership, incarnation, status, view, in this order.
 * A message that is lost, late, repeated or from another view is normal, and is met here with a reason. (VRR §4.1; §1.0)
 */
export function admit(state: ReplicaState, message: Message, now: Now, out: Outbox): boolean {
  const reason = refusal(state, message, now, out) ?? viewRefusal(state, message, now, out);
  if (reason === undefined) return true;
  out.ignore(message, reason);
  return false;
}

function refusal(
  state: ReplicaState,
  message: Message,
  now: Now,
  out: Outbox,
): Ignored | undefined {
  if (message.replicaNumber === state.self) return 'from myself';
  const reason = epochRefusal(state, message, now, out) ?? standingRefusal(state, message);
  if (reason !== undefined) return reason;
  if (!learnIncarnation(state, message, out)) return 'fenced incarnation';
  // Who is heard is there, whatever a closed connection has said: a replica that nobody votes for is never primary again.
  state.lostPeers[message.replicaNumber] = false;
  if (state.status === 'recovering' && !SERVES_RECOVERY.has(message.kind)) return 'recovering';
  return undefined;
}

const SERVES_RECOVERY: ReadonlySet<Message['kind']> = new Set([
  'RecoveryResponse',
  'NewState',
  'GetLog',
  'LogSegment',
  'Blocks',
  'StartEpoch',
  'NewEpoch',
]);

/** View changes, recovery and transfers compare views themselves; the rest belongs to one view and one status. */
function viewRefusal(
  state: ReplicaState,
  message: Message,
  now: Now,
  out: Outbox,
): Ignored | undefined {
  switch (message.kind) {
    case 'StartViewChange':
    case 'DoViewChange':
    case 'StartView':
    case 'RecoveryResponse':
    case 'NewState':
    case 'GetLog':
    case 'LogSegment':
    case 'GetBlocks':
    case 'Blocks':
    case 'StartEpoch':
    case 'EpochStarted':
    case 'NewEpoch':
      return undefined;
    case 'GetView':
    case 'Recovery':
      return state.status === 'normal' ? undefined : 'not in normal status';
    case 'GetState':
      // A newcomer knows of no view.
      if (!isMember(state.epoch.configuration, message.replicaNumber)) return undefined;
      return outsideView(state, message, now, out);
    case 'Prepare':
    case 'PrepareOk':
    case 'Commit':
    case 'CommitOk':
    case 'Forward':
    case 'Forwarded':
    case 'KeepAlive':
    case 'KeptAlive':
    case 'ReadIndex':
    case 'ReadIndexOk':
      return outsideView(state, message, now, out);
  }
}

/** A log is of the view that it was last normal in: who has only promised a view has nothing to say of its log. (VRR §5.2) */
function outsideView(
  state: ReplicaState,
  message: Message,
  now: Now,
  out: Outbox,
): Ignored | undefined {
  if (message.viewNumber !== state.viewNumber) return wrongView(state, message, now, out);
  return state.status === 'normal' ? undefined : 'not in normal status';
}

function wrongView(
  state: ReplicaState,
  message: Message,
  now: Now,
  out: Outbox,
): 'older view' | 'newer view' {
  if (message.viewNumber > state.viewNumber) {
    askForView(state, message.viewNumber, now, out);
    return 'newer view';
  }
  tellNewerView(state, message, now, out);
  return 'older view';
}

/** The sender has missed a view change: it learns of it from us, or it would talk into the void for ever. (E17) */
function tellNewerView(state: ReplicaState, message: Message, now: Now, out: Outbox): void {
  if (state.status !== 'normal') return;
  const to = message.replicaNumber;
  if (isNormalPrimary(state)) return offerStartView(state, to, now, out);
  if (now.monotonicMs - (state.hintedAtMs[to] ?? 0) < state.limits.resendMs / 2) return;
  state.hintedAtMs[to] = now.monotonicMs;
  // Any message of the newer view will do; one without content says no more than that there is one.
  out.send(to, {
    kind: 'ReadIndexOk',
    ...headerOf(state),
    tickets: [],
    opNumber: state.commitNumber,
    by: 'nothing',
  });
}
