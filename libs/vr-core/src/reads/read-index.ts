import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { ReadIndex } from '../messages/read-index';
import type { ReadIndexOk } from '../messages/read-index-ok';
import type { ReplicaNumber } from '../numbers/numbers';
import { quorumOf } from '../state/configuration';
import { headerOf, isPrimary, type ReplicaState } from '../state/replica-state';
import type { IndexQuestion } from '../state/parked';
import { answerRead, endRead } from './answer-read';
import { isLeaseValid } from './lease';

/**
 * From which op on may a read be answered? From the commit-number at its arrival, if this replica was still the
 * primary *after* the read arrived: which a quorum's echo of a later beat proves, or a valid lease, and nothing less.
 * All questions that wait share one round. (decision 9; RAFT's ReadIndex is the relative)
 */
export function askQuestion(
  state: ReplicaState,
  from: ReplicaNumber,
  tickets: number[],
  now: Now,
  out: Outbox,
): void {
  if (isLeaseValid(state, now)) {
    return tell(state, from, { tickets, opNumber: state.commitNumber, by: 'lease' }, now, out);
  }
  const { questions } = state.primary;
  const question: IndexQuestion = { from, tickets, opNumber: undefined, afterBeat: undefined };
  noteIndex(state, question);
  const last = questions.at(-1);
  if (last !== undefined && sameMoment(last, question)) last.tickets.push(...tickets);
  else questions.push(question);
  // Alone it needs nobody's echo; otherwise echoes bring the answers.
  if (quorumOf(state.epoch.configuration) === 1) answerQuestions(state, now, out);
}

/** What is asked between two beats is one question: thousands of reads of one turn cost no more than one. */
function sameMoment(a: IndexQuestion, b: IndexQuestion): boolean {
  return a.from === b.from && a.opNumber === b.opNumber && a.afterBeat === b.afterBeat;
}

export function onReadIndex(state: ReplicaState, message: ReadIndex, now: Now, out: Outbox): void {
  if (!isPrimary(state)) return out.ignore(message, 'not the primary');
  const ask = message.leaseOnly ? askLease : askQuestion;
  ask(state, message.replicaNumber, [...message.tickets], now, out);
}

/** By the lease, or not at all. (VRR §6.3.1; decision 9) */
export function askLease(
  state: ReplicaState,
  from: ReplicaNumber,
  tickets: number[],
  now: Now,
  out: Outbox,
): void {
  const by = isLeaseValid(state, now) ? 'lease' : 'nothing';
  tell(state, from, { tickets, opNumber: state.commitNumber, by }, now, out);
}

/** Until this view's first op is committed the commit-number may be below what an older primary acknowledged. (E21) */
function noteIndex(state: ReplicaState, question: IndexQuestion): void {
  if (question.opNumber !== undefined || state.commitNumber < state.primary.newViewOp) return;
  question.opNumber = state.commitNumber;
  question.afterBeat = state.primary.beat;
}

type Word = Pick<ReadIndexOk, 'tickets' | 'opNumber' | 'by'>;

/** True while questions wait that no message sent so far can settle: a beat must go out at once. */
export function needsBeat(state: ReplicaState): boolean {
  return state.primary.questions.some((question) => question.afterBeat === state.primary.beat);
}

export function answerQuestions(state: ReplicaState, now: Now, out: Outbox): void {
  const { questions, acknowledgements } = state.primary;
  if (questions.length === 0) return;
  const echoed = acknowledgements.beatOfAtLeast(quorumOf(state.epoch.configuration) - 1);
  const leased = isLeaseValid(state, now);
  const waiting: IndexQuestion[] = [];
  for (const question of questions) {
    noteIndex(state, question);
    const { from, tickets, opNumber, afterBeat } = question;
    if (opNumber === undefined || afterBeat === undefined) waiting.push(question);
    else if (echoed > afterBeat) tell(state, from, { tickets, opNumber, by: 'echoes' }, now, out);
    else if (leased) tell(state, from, { tickets, opNumber, by: 'lease' }, now, out);
    else waiting.push(question);
  }
  state.primary.questions = waiting;
}

export function onReadIndexOk(state: ReplicaState, ok: ReadIndexOk, now: Now, out: Outbox): void {
  settle(state, ok, now, out);
}

function tell(state: ReplicaState, to: ReplicaNumber, word: Word, now: Now, out: Outbox): void {
  if (to === state.self) return settle(state, word, now, out);
  out.send(to, { kind: 'ReadIndexOk', ...headerOf(state), ...word });
}

function settle(state: ReplicaState, { tickets, opNumber, by }: Word, now: Now, out: Outbox): void {
  for (const ticket of tickets) {
    const parked = state.door.reads.get(ticket);
    if (parked === undefined || parked.read.consistency.kind === 'stale') continue;
    if (by === 'nothing') {
      endRead(state, parked, 'no-lease', out);
      continue;
    }
    parked.atOp = opNumber;
    parked.leased = by === 'lease';
    if (state.stateWhole && opNumber <= state.execution.executed)
      answerRead(state, parked, now, out);
  }
}
