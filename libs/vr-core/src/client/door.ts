import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { sendReadOn } from '../reads/on-read';
import { endRead } from '../reads/answer-read';
import type { ReplicaState } from '../state/replica-state';
import { sendKeepAliveOn } from './on-keep-alive';
import { sendOn } from './on-request';

/** A new primary, or this replica became it: what waits here is sent on again, under the same names. (decision 13) */
export function sendParkedOn(state: ReplicaState, now: Now, out: Outbox): void {
  const { door } = state;
  door.forward = [];
  door.forwardKeepAlives = [];
  door.forwardReads = [];
  for (const parked of [...door.requests.values()]) sendOn(state, parked, now, out);
  for (const parked of [...door.keepAlives.values()]) sendKeepAliveOn(state, parked, now, out);
  for (const parked of [...door.reads.values()]) {
    if (parked.atOp === undefined) sendReadOn(state, parked, now, out);
  }
}

/** Ends what has waited too long, and sends again what may have been lost on the way. */
export function pollDoor(state: ReplicaState, now: Now, out: Outbox): void {
  endOverdue(state, now, out);
  if (state.status !== 'normal') return;
  const { door, limits } = state;
  const before = now.monotonicMs - limits.forwardRetryMs;
  // Arrival order, which is what a Map keeps: nothing replicated depends on it.
  for (const parked of door.requests.values()) {
    if (parked.sentAtMs <= before) sendOn(state, parked, now, out);
  }
  for (const parked of door.keepAlives.values()) {
    if (parked.sentAtMs <= before) sendKeepAliveOn(state, parked, now, out);
  }
  for (const parked of door.reads.values()) {
    if (parked.atOp === undefined && parked.sentAtMs <= before) sendReadOn(state, parked, now, out);
  }
}

function endOverdue(state: ReplicaState, now: Now, out: Outbox): void {
  const { door } = state;
  for (const [name, { sealed, deadlineMs, sent }] of door.requests) {
    if (deadlineMs > now.monotonicMs) continue;
    door.requests.delete(name);
    // Once sent it may have been executed, or may yet be: anything else than "unknown" would be a guess.
    const code = sent ? 'outcome-unknown' : 'no-primary';
    out.add({ kind: 'answer', request: sealed.request, answer: { kind: 'problem', code } });
  }
  for (const [ticket, { deadlineMs, keepAliveId }] of door.keepAlives) {
    if (deadlineMs > now.monotonicMs) continue;
    door.keepAlives.delete(ticket);
    out.add({ kind: 'kept-alive', keepAliveId, result: { kind: 'problem', code: 'no-primary' } });
  }
  for (const parked of door.reads.values()) {
    if (parked.read.deadlineMs <= now.monotonicMs) endRead(state, parked, 'no-primary', out);
  }
}
