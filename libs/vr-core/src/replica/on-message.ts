import { onEpochStarted } from '../reconfiguration/on-epoch-started';
import { onNewEpoch } from '../reconfiguration/on-new-epoch';
import { onStartEpoch } from '../reconfiguration/on-start-epoch';
import { onGetLog } from '../state-transfer/on-get-log';
import { onLogSegment } from '../state-transfer/on-log-segment';
import { onBlocks } from '../state-transfer/on-blocks';
import { onGetBlocks } from '../state-transfer/on-get-blocks';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { onForward, onForwarded } from '../client/forward';
import { onKeepAliveMessage, onKeptAlive } from '../client/on-keep-alive';
import type { Message } from '../messages/message';
import { onCommit } from '../normal-operation/on-commit';
import { onPrepare } from '../normal-operation/on-prepare';
import { onPrepareOk } from '../normal-operation/on-prepare-ok';
import { onReadIndex, onReadIndexOk } from '../reads/read-index';
import { onRecovery } from '../recovery/on-recovery';
import { onRecoveryResponse } from '../recovery/recovery';
import { onGetState } from '../state-transfer/get-state';
import { onNewState } from '../state-transfer/on-new-state';
import type { ReplicaState } from '../state/replica-state';
import { onGetView } from '../view-change/get-view';
import { onDoViewChange } from '../view-change/on-do-view-change';
import { onStartView } from '../view-change/on-start-view';
import { onStartViewChange } from '../view-change/vote';
import { admit } from './gate';

/** One message, one handler. */
export function onMessage(state: ReplicaState, message: Message, now: Now, out: Outbox): void {
  if (!admit(state, message, now, out)) return;
  switch (message.kind) {
    case 'Prepare':
      return onPrepare(state, message, now, out);
    case 'PrepareOk':
    case 'CommitOk':
      return onPrepareOk(state, message, now, out);
    case 'Commit':
      return onCommit(state, message, now, out);
    case 'StartViewChange':
      return onStartViewChange(state, message, now, out);
    case 'DoViewChange':
      return onDoViewChange(state, message, now, out);
    case 'StartView':
      return onStartView(state, message, now, out);
    case 'GetView':
      return onGetView(state, message, now, out);
    case 'GetState':
      return onGetState(state, message, now, out);
    case 'NewState':
      return onNewState(state, message, now, out);
    case 'Recovery':
      return onRecovery(state, message, now, out);
    case 'RecoveryResponse':
      return onRecoveryResponse(state, message, now, out);
    case 'Forward':
      return onForward(state, message, out);
    case 'Forwarded':
      return onForwarded(state, message, out);
    case 'KeepAlive':
      return onKeepAliveMessage(state, message, now, out);
    case 'KeptAlive':
      return onKeptAlive(state, message, out);
    case 'ReadIndex':
      return onReadIndex(state, message, now, out);
    case 'ReadIndexOk':
      return onReadIndexOk(state, message, now, out);
    case 'GetLog':
      return onGetLog(state, message, out);
    case 'LogSegment':
      return onLogSegment(state, message, now, out);
    case 'GetBlocks':
      return onGetBlocks(state, message, out);
    case 'Blocks':
      return onBlocks(state, message, now, out);
    case 'StartEpoch':
      return onStartEpoch(state, message, now, out);
    case 'EpochStarted':
      return onEpochStarted(state, message, out);
    case 'NewEpoch':
      return onNewEpoch(state, message, now, out);
  }
}
