import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { clockNow } from '../clock/cluster-clock';
import { wallNow } from '../clock/wall-clock';
import type { SealedRequest } from '../messages/request';
import { nextOp } from '../numbers/numbers';
import type { SessionId } from '../service/state-machine';
import { makeEntry, type SealedBody } from '../state/log-entry';
import { epochEndsHere } from '../reconfiguration/epoch-end';
import type { ReplicaState } from '../state/replica-state';
import { append } from './append';
import { sendPrepare } from './send-prepare';

/**
 * What has gathered becomes log entries, a batch each, while the pipeline has room: a lone request goes at once, and
 * requests that find the pipeline full share the next entry. (VRR §6.2)
 */
export function closeBatches(state: ReplicaState, now: Now, out: Outbox): void {
  if (epochEndsHere(state)) return;
  while (state.log.opNumber - state.commitNumber < state.limits.pipelineMax) {
    const touched = takeTick(state, now);
    const requests = takeRequests(state);
    if (touched === undefined && requests.length === 0) return;
    const encoded = requests.map((request) => request.encoded);
    const body = { newView: false, touched, requests: encoded, sealed: requests };
    proposeEntry(state, body, now, out);
  }
}

/** Gives the body the next op-number and the agreed time, and starts its way through the group. (VRR §4.1, step 3; §4.4) */
export function proposeEntry(state: ReplicaState, body: SealedBody, now: Now, out: Outbox): void {
  const { log } = state;
  const header = {
    epochNumber: state.epochNumber,
    viewNumber: state.viewNumber,
    opNumber: nextOp(log.opNumber),
    parentHash: log.headHash,
    clusterMs: clockNow(state),
    ...wallNow(state, now, out),
  };
  const entry = makeEntry(header, body, state.hash);
  if (body.touched !== undefined) state.primary.tickOp = entry.opNumber;
  append(state, [entry], out);
  sendPrepare(state, entry, now, out);
}

function takeRequests(state: ReplicaState): readonly SealedRequest[] {
  const { queue } = state.primary;
  const { batchRequestsMax, batchBytesMax } = state.limits;
  let count = 0;
  for (let room = batchBytesMax; count < Math.min(queue.length, batchRequestsMax); count += 1) {
    room -= queue[count]?.encoded.length ?? 0;
    if (room < 0 && count > 0) break;
  }
  if (count === queue.length) {
    state.primary.queue = [];
    return queue;
  }
  return queue.splice(0, count);
}

/** The sessions to keep alive, when a Tick is due; at most one Tick is under way. (locks.md R5; decision 22) */
function takeTick(state: ReplicaState, now: Now): readonly SessionId[] | undefined {
  const { primary, limits } = state;
  if (primary.tickOp !== undefined) return undefined;
  const touchesDue =
    primary.touchQueue.length > 0 &&
    now.monotonicMs - primary.touchesSinceMs >= limits.touchDelayMs;
  if (!touchesDue && !state.execution.tickDue(clockNow(state))) return undefined;
  primary.touchesInTick = primary.touchQueue;
  primary.touchQueue = [];
  return [...new Set(primary.touchesInTick.map((touch) => touch.session))];
}
