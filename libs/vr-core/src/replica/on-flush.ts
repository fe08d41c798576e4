import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { sendForward } from '../client/forward';
import { sendKeepAlives } from '../client/on-keep-alive';
import { closeBatches } from '../normal-operation/close-batch';
import { flushCommit } from '../normal-operation/heartbeat';
import { pollReconfiguration } from '../reconfiguration/reconfigure';
import { sendReadIndex } from '../reads/on-read';
import { isPrimary, type ReplicaState } from '../state/replica-state';

/** Nothing more is waiting at the host: what has gathered goes out. (VRR §6.2) */
export function onFlush(state: ReplicaState, now: Now, out: Outbox): void {
  if (state.status !== 'normal') return;
  if (isPrimary(state)) {
    pollReconfiguration(state, now, out);
    closeBatches(state, now, out);
    flushCommit(state, now, out);
  } else {
    sendForward(state, out);
    sendKeepAlives(state, out);
    sendReadIndex(state, out);
  }
}
