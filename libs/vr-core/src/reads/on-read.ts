import type { Now, Read } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import {
  headerOf,
  isPrimary,
  nextTicket,
  primaryOfView,
  type ReplicaState,
} from '../state/replica-state';
import type { ParkedRead } from '../state/parked';
import { answerRead, endRead, lagMs } from './answer-read';
import { askQuestion } from './read-index';

/**
 * A query at this door. A linearizable one needs the primary's word from which op on it may be answered, then this
 * replica answers it from its own state; a stale one needs nobody. (VRR §6.3; decision 9)
 */
export function onRead(state: ReplicaState, read: Read, now: Now, out: Outbox): void {
  const parked: ParkedRead = {
    ticket: nextTicket(state),
    read,
    atOp: undefined,
    sentAtMs: now.monotonicMs,
  };
  if (state.door.reads.size >= state.limits.parkedMax) return endRead(state, parked, 'busy', out);
  state.door.reads.set(parked.ticket, parked);
  if (read.consistency.kind === 'linearizable') return sendReadOn(state, parked, now, out);

  if (read.consistency.kind === 'lease') return endRead(state, parked, 'no-lease', out);

  // Executed operations are committed, so what was executed may be shown in any status but recovering. (§1.11)
  if (state.status === 'recovering') return endRead(state, parked, 'no-primary', out);
  if (lagMs(state, now) > read.consistency.maxStalenessMs) {
    return endRead(state, parked, 'too-stale', out);
  }
  parked.atOp = read.consistency.minOp;
  if (parked.atOp <= state.execution.executed) answerRead(state, parked, now, out);
}

export function sendReadOn(state: ReplicaState, parked: ParkedRead, now: Now, out: Outbox): void {
  if (state.status !== 'normal') return;
  parked.sentAtMs = now.monotonicMs;
  if (isPrimary(state)) askQuestion(state, state.self, [parked.ticket], now, out);
  else state.door.forwardReads.push(parked);
}

export function sendReadIndex(state: ReplicaState, out: Outbox): void {
  const reads = state.door.forwardReads;
  if (reads.length === 0) return;
  state.door.forwardReads = [];
  out.send(primaryOfView(state), {
    kind: 'ReadIndex',
    ...headerOf(state),
    tickets: reads.map((parked) => parked.ticket),
  });
}
