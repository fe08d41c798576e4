import { takeCheckpoint } from '../checkpoint/take-checkpoint';
import type { KeptAlive } from '../messages/kept-alive';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { answerParked, answerTo, type NamedAnswer } from '../client/answer-to';
import { answerTouches } from '../client/on-keep-alive';
import { nameKey } from '../messages/request';
import { nextOp, type ReplicaNumber } from '../numbers/numbers';
import { answerReadyReads } from '../reads/answer-read';
import { assert } from '../state/assert';
import { forgetSealed, sealedOf, type LogEntry } from '../state/log-entry';
import { isWitnessHere, type ReplicaState } from '../state/replica-state';
import type { Executed } from './execution';

/**
 * The up-call: committed operations are executed in op order, each once, and whoever waits for an outcome gets it.
 * Backups execute too, and answer the clients that wait at their own doors. (VRR §4.1, steps 5-7)
 */
export function executeCommitted(state: ReplicaState, now: Now, out: Outbox): void {
  if (!state.stateWhole) return;
  const { execution, log } = state;
  const last = Math.min(state.commitNumber, log.opNumber, lastExecutedHere(state));
  const before = execution.executed;
  if (before >= last) return;
  const forwarded = new Map<ReplicaNumber, NamedAnswer[]>();
  while (execution.executed < last) {
    const entry = log.at(nextOp(execution.executed));
    assert(entry !== undefined, 'a committed op up to the head is in the log');
    const executed = execution.execute(entry);
    if (executed.checkpointDue) takeCheckpoint(state, entry);
    deliver(state, entry, executed, forwarded, out);
    forgetSealed(entry);
  }
  // In the order of the doors' first answers, which the log gives.
  for (const [door, answers] of forwarded) answerTo(state, door, answers, out);
  answerReadyReads(state, now, out);
}

/** A witness executes nothing; one that keeps its state finishes the epoch before. (VRR §6.1; ADR 11) */
function lastExecutedHere(state: ReplicaState): number {
  if (!isWitnessHere(state)) return Number.MAX_SAFE_INTEGER;
  return state.witness.keepsState ? state.epoch.startOp : 0;
}

function deliver(
  state: ReplicaState,
  entry: LogEntry,
  executed: Executed,
  forwarded: Map<ReplicaNumber, NamedAnswer[]>,
  out: Outbox,
): void {
  const { inFlight } = state.primary;
  const nobodyWaits = inFlight.size === 0 && state.door.requests.size === 0;
  const { answers } = executed;
  const sealed = sealedOf(entry);
  for (let index = 0; index < (nobodyWaits ? 0 : answers.length); index += 1) {
    const { request, answer } = answers[index] as (typeof answers)[number];
    const name = sealed?.[index]?.name ?? nameKey(request);
    answerParked(state, name, answer, out);
    for (const door of inFlight.get(name) ?? []) {
      if (door === state.self) continue;
      const answers = forwarded.get(door) ?? [];
      forwarded.set(door, answers);
      answers.push({ name, request, answer });
    }
    inFlight.delete(name);
  }
  settleTick(state, executed, out);
  if (executed.events.length > 0) out.add({ kind: 'events', events: executed.events });
}

/** Only the Tick of our own making answers keepalives: an older one was stamped before they were sent. (decision 22) */
function settleTick(state: ReplicaState, executed: Executed, out: Outbox): void {
  if (state.primary.tickOp !== executed.opNumber) return;
  state.primary.tickOp = undefined;
  const touched = new Map<string, KeptAlive>();
  for (const { session, deadlineMs, ttlMs } of executed.touched) {
    if (deadlineMs === undefined) continue;
    touched.set(session, { kind: 'touched', ttlMs, deadlineMs, clusterMs: executed.clusterMs });
  }
  answerTouches(state, touched, out);
}
