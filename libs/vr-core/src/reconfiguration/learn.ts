import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { executeCommitted } from '../execution/execute-committed';
import { ENTRY_BYTES_PER_MESSAGE } from '../messages/entries';
import type { GetState } from '../messages/get-state';
import type { NewState } from '../messages/new-state';
import { append } from '../normal-operation/append';
import type { ReplicaNumber } from '../numbers/numbers';
import { activesOf } from '../state/configuration';
import type { LogEntry } from '../state/log-entry';
import { headerOf, nextTicket, type ReplicaState } from '../state/replica-state';
import { fetchCheckpoint } from '../state-transfer/fetch-checkpoint';
import { follows } from '../state-transfer/read-entries';

/**
 * A newcomer follows the group before it is a member, so that the change costs no pause: it asks again and again for
 * what has been committed, and executes it. It has no vote, and nothing it holds is counted. (VRR §7.5)
 */
export function pollLearning(state: ReplicaState, now: Now, out: Outbox): void {
  const { reconfiguration, backup, limits } = state;
  if (state.transfer !== undefined) return;
  const isAsking = backup.transfer !== undefined;
  const pause = isAsking ? limits.resendMs : limits.learnerPollMs;
  if (now.monotonicMs - reconfiguration.askedAtMs < pause) return;
  if (isAsking) reconfiguration.unanswered += 1;
  ask(state, now, out);
}

function ask(state: ReplicaState, now: Now, out: Outbox): void {
  const ticket = nextTicket(state);
  state.backup.transfer = { ticket, askedAtMs: now.monotonicMs };
  state.reconfiguration.askedAtMs = now.monotonicMs;
  const afterOp = state.log.opNumber;
  out.send(teacherOf(state), { kind: 'GetState', ...headerOf(state), afterOp, ticket });
}

/** The primary, as far as we know, since it decides who is ready; when it is silent, the others in turn. */
function teacherOf(state: ReplicaState): ReplicaNumber {
  const { laterView, unanswered } = state.reconfiguration;
  const actives = activesOf(state.epoch.configuration);
  const teacher = actives[(laterView + unanswered) % actives.length];
  if (teacher === undefined) throw new RangeError('a group has an active member');
  return teacher.replicaNumber;
}

/** A newcomer asks: it gets what is committed and nothing else, for what is not may yet be replaced. */
export function teach(state: ReplicaState, message: GetState, now: Now, out: Outbox): void {
  const { log, commitNumber } = state;
  const { afterOp, replicaNumber: to, ticket } = message;
  if (state.status !== 'normal') return out.ignore(message, 'not in normal status');
  state.reconfiguration.learners[to] = { opNumber: afterOp, atMs: now.monotonicMs };
  const isHeld = afterOp >= log.base.opNumber;
  const count = Math.max(0, Math.min(commitNumber, log.opNumber) - afterOp);
  const entries =
    isHeld && count > 0 ? log.firstAfter(afterOp, ENTRY_BYTES_PER_MESSAGE).slice(0, count) : [];
  out.send(to, {
    kind: 'NewState',
    ...headerOf(state),
    opNumber: commitNumber,
    commitNumber,
    entries,
    checkpoint: isHeld ? undefined : state.stores.checkpoint,
    ticket,
  });
}

/** What a member has told: it is committed, so it is executed at once. */
export function learn(
  state: ReplicaState,
  message: NewState,
  entries: readonly LogEntry[],
  now: Now,
  out: Outbox,
): void {
  const { backup, log, reconfiguration } = state;
  if (backup.transfer?.ticket !== message.ticket) return out.ignore(message, 'another nonce');
  backup.transfer = undefined;
  backup.heardAtMs = now.monotonicMs;
  reconfiguration.unanswered = 0;
  reconfiguration.laterView = message.viewNumber;
  if (message.checkpoint !== undefined) {
    return fetchCheckpoint(state, message.checkpoint, message.replicaNumber, now, out);
  }
  const first = entries[0];
  if (first !== undefined) {
    if (!follows(first, log.opNumber, log.headHash)) {
      return out.ignore(message, 'does not join our log');
    }
    append(state, entries, out);
  }
  if (message.commitNumber > state.commitNumber) state.commitNumber = message.commitNumber;
  executeCommitted(state, now, out);
  if (log.opNumber < message.opNumber && entries.length > 0) ask(state, now, out);
}
