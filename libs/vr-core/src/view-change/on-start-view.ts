import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { StartView } from '../messages/start-view';
import { primaryOf } from '../state/configuration';
import type { ReplicaState } from '../state/replica-state';
import { learnBase } from '../witness/base';
import { hearPrimary } from '../normal-operation/hear-primary';
import { beginInstallation } from './install-log';
import { leaveView } from './leave-view';

/**
 * View v has begun: its log becomes ours. Only a later view, or the one we wait for: a delayed STARTVIEW must not take
 * away what this view or a later one has prepared since. (VRR §4.2, step 5; E10)
 */
export function onStartView(state: ReplicaState, message: StartView, now: Now, out: Outbox): void {
  const { viewNumber, replicaNumber } = message;
  if (viewNumber < state.viewNumber) return out.ignore(message, 'older view');
  if (replicaNumber !== primaryOf(state.epoch.configuration, viewNumber)) {
    return out.ignore(message, 'not from the primary');
  }
  if (viewNumber === state.viewNumber) {
    if (state.status !== 'view-change') return out.ignore(message, 'duplicate');
    if (state.viewChange.installation !== undefined) return out.ignore(message, 'duplicate');
  } else {
    leaveView(state, now);
    state.status = 'view-change';
    state.viewNumber = viewNumber;
    state.viewChange.failed = 0;
  }
  hearPrimary(state, message, now);
  learnBase(state, message.witnessBase);
  out.protocol('start-view', `view ${viewNumber} has begun with op ${message.opNumber}`);
  beginInstallation(
    state,
    {
      reason: 'start-view',
      source: replicaNumber,
      viewNumber,
      opNumber: message.opNumber,
      headHash: message.headHash,
      commitNumber: message.commitNumber,
      encodedTail: message.entries,
    },
    now,
    out,
  );
}
