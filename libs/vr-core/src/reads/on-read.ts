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
import { isLeaseValid } from './lease';
import { askLease, askQuestion } from './read-index';

/**
 * A query at this door. A primary with a valid lease answers at once. Else a linearizable read needs the primary's word
 * from which op on it may be answered, then this replica answers it from its own state; a stale one needs nobody.
 * (VRR §6.3; decision 9)
 */
export function onRead(state: ReplicaState, read: Read, now: Now, out: Outbox): void {
  const parked: ParkedRead = {
    ticket: nextTicket(state),
    read,
    atOp: undefined,
    leased: false,
    sentAtMs: now.monotonicMs,
  };
  if (read.consistency.kind !== 'stale' && isLeaseValid(state, now)) {
    parked.leased = true;
    return answerRead(state, parked, now, out);
  }
  if (state.door.reads.size >= state.limits.parkedMax) return endRead(state, parked, 'busy', out);
  state.door.reads.set(parked.ticket, parked);
  if (read.consistency.kind !== 'stale') return sendReadOn(state, parked, now, out);

  if (!state.stateWhole) return endRead(state, parked, 'too-stale', out);
  // Executed operations are committed, so what was executed may be shown in any status but recovering. (§1.11)
  if (state.status === 'recovering') return endRead(state, parked, 'no-primary', out);
  if (lagMs(state, now) > read.consistency.maxStalenessMs) {
    return endRead(state, parked, 'too-stale', out);
  }
  parked.atOp = read.consistency.minOp;
  if (parked.atOp <= state.execution.executed) answerRead(state, parked, now, out);
}

export function sendReadOn(state: ReplicaState, parked: ParkedRead, now: Now, out: Outbox): void {
  const leaseOnly = parked.read.consistency.kind === 'lease';
  if (state.status !== 'normal') {
    if (leaseOnly) endRead(state, parked, 'no-lease', out);
    return;
  }
  parked.sentAtMs = now.monotonicMs;
  if (!isPrimary(state)) state.door.forwardReads.push(parked);
  else if (leaseOnly) askLease(state, state.self, [parked.ticket], now, out);
  else askQuestion(state, state.self, [parked.ticket], now, out);
}

export function sendReadIndex(state: ReplicaState, out: Outbox): void {
  const reads = state.door.forwardReads;
  if (reads.length === 0) return;
  state.door.forwardReads = [];
  for (const leaseOnly of [false, true]) {
    const tickets = reads
      .filter(({ read }) => (read.consistency.kind === 'lease') === leaseOnly)
      .map((parked) => parked.ticket);
    if (tickets.length === 0) continue;
    const question = { kind: 'ReadIndex', ...headerOf(state), tickets, leaseOnly } as const;
    out.send(primaryOfView(state), question);
  }
}
