import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { KeepAlive, Touch } from '../messages/keep-alive';
import type { KeptAlive, KeptAliveMessage } from '../messages/kept-alive';
import type { ReplicaNumber } from '../numbers/numbers';
import {
  headerOf,
  isPrimary,
  othersOf,
  primaryOfView,
  type ReplicaState,
} from '../state/replica-state';
import type { ParkedKeepAlive } from '../state/parked';

/**
 * A client keeps its session alive. Keepalives are no requests: the primary gathers them into the next Tick, one log
 * entry for all, and answers when that Tick is executed. (decision 22)
 */
export function onKeepAlive(
  state: ReplicaState,
  parked: ParkedKeepAlive,
  now: Now,
  out: Outbox,
): void {
  const { keepAlives } = state.door;
  if (keepAlives.size >= state.limits.parkedMax) {
    return finish(parked.keepAliveId, { kind: 'problem', code: 'busy' }, out);
  }
  keepAlives.set(parked.ticket, parked);
  sendKeepAliveOn(state, parked, now, out);
}

export function sendKeepAliveOn(
  state: ReplicaState,
  parked: ParkedKeepAlive,
  now: Now,
  out: Outbox,
): void {
  if (state.status !== 'normal') return;
  parked.sentAtMs = now.monotonicMs;
  if (isPrimary(state)) queueTouch(state, parked, state.self, now, out);
  else state.door.forwardKeepAlives.push(parked);
}

export function sendKeepAlives(state: ReplicaState, out: Outbox): void {
  const parked = state.door.forwardKeepAlives;
  if (parked.length === 0) return;
  state.door.forwardKeepAlives = [];
  out.send(primaryOfView(state), {
    kind: 'KeepAlive',
    ...headerOf(state),
    touches: parked.map(({ ticket, session, principal }) => ({
      ticket,
      session,
      principal,
    })),
  });
}

export function onKeepAliveMessage(
  state: ReplicaState,
  message: KeepAlive,
  now: Now,
  out: Outbox,
): void {
  if (!isPrimary(state)) return out.ignore(message, 'not the primary');
  for (const touch of message.touches) queueTouch(state, touch, message.replicaNumber, now, out);
}

export function onKeptAlive(state: ReplicaState, message: KeptAliveMessage, out: Outbox): void {
  for (const { ticket, result } of message.results) {
    finishParked(state, ticket, result, out);
  }
}

/** The touches of a Tick that has just been executed are answered; a session it did not find has ended. */
export function answerTouches(
  state: ReplicaState,
  touched: ReadonlyMap<string, KeptAlive>,
  out: Outbox,
): void {
  const touches = state.primary.touchesInTick;
  state.primary.touchesInTick = [];
  for (const door of [state.self, ...othersOf(state)]) {
    const results = touches
      .filter((touch) => touch.from === door)
      .map(({ ticket, session }) => ({
        ticket,
        result: touched.get(session) ?? SESSION_EXPIRED,
      }));
    if (results.length > 0) tell(state, door, results, out);
  }
}

const SESSION_EXPIRED: KeptAlive = { kind: 'problem', code: 'session-expired' };

function queueTouch(
  state: ReplicaState,
  touch: Touch,
  from: ReplicaNumber,
  now: Now,
  out: Outbox,
): void {
  const { primary, execution, limits } = state;
  const session = execution.findSession(touch.session);
  if (session !== undefined && session.principal !== touch.principal) {
    const result: KeptAlive = { kind: 'problem', code: 'not-your-session' };
    return tell(state, from, [{ ticket: touch.ticket, result }], out);
  }
  if (primary.touchQueue.length >= limits.queueRequestsMax) {
    const result: KeptAlive = { kind: 'problem', code: 'busy' };
    return tell(state, from, [{ ticket: touch.ticket, result }], out);
  }
  if (primary.touchQueue.length === 0) primary.touchesSinceMs = now.monotonicMs;
  primary.touchQueue.push({ from, ticket: touch.ticket, session: touch.session });
}

type Results = KeptAliveMessage['results'];

function tell(state: ReplicaState, door: ReplicaNumber, results: Results, out: Outbox): void {
  if (door !== state.self) {
    return out.send(door, { kind: 'KeptAlive', ...headerOf(state), results });
  }
  for (const { ticket, result } of results) finishParked(state, ticket, result, out);
}

function finishParked(state: ReplicaState, ticket: number, result: KeptAlive, out: Outbox): void {
  const parked = state.door.keepAlives.get(ticket);
  if (parked === undefined) return;
  state.door.keepAlives.delete(ticket);
  finish(parked.keepAliveId, result, out);
}

function finish(keepAliveId: number, result: KeptAlive, out: Outbox): void {
  out.add({ kind: 'kept-alive', keepAliveId, result });
}
