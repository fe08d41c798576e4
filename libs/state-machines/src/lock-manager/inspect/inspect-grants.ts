import { clusterMs, type ClusterMs, type ReadContext } from '@lockstep/vr-core';
import { firstOf } from './first-of';
import type { LockAnswer, LockQuery } from '../queries';
import { positionOf } from '../queue/queue';
import { requestOf } from '../acquire/request';
import { stateNow } from '../acquire/request-answer';
import { fenceOf, holdKey, nameKey, rowsOf } from '../model/keys';
import type { LockTables, RequestRow } from '../model/tables';

type AnswerOf<K extends LockAnswer['kind']> = Extract<LockAnswer, { kind: K }>;

/** True while the grant of that fence stands. What a session that has ended has left behind does not. */
export function isCurrent(
  tables: LockTables,
  lock: string,
  fence: bigint,
  { sessions }: ReadContext,
): boolean {
  const hold = tables.holds.get(holdKey(lock, fence));
  return hold !== undefined && sessions.find(hold.session) !== undefined;
}

export function checkSequencers(
  tables: LockTables,
  query: Extract<LockQuery, { kind: 'check' }>,
  context: ReadContext,
): AnswerOf<'check'> {
  const results = query.sequencers.map(({ lock, fence, mode }) => {
    const held = tables.holds.get(holdKey(lock, fence))?.mode;
    const stands = isCurrent(tables, lock, fence, context);
    const valid = stands && (mode === undefined || mode === held);
    const first = tables.holds.firstIn(rowsOf(lock));
    return { valid, currentFence: first === undefined ? undefined : fenceOf(first[0]) };
  });
  return { kind: 'check', results };
}

export function inspectRequest(
  tables: LockTables,
  name: string,
): AnswerOf<'request'> | AnswerOf<'unknown-request'> {
  const request = tables.requests.get(nameKey(name));
  if (request === undefined) return { kind: 'unknown-request' };
  const isInQueue =
    request.state === 'queued' && request.kind !== 'enter' && request.kind !== 'leave';
  const position = isInQueue ? positionOf(tables, request) : undefined;
  return { kind: 'request', ...stateOf(tables, name, request, position) };
}

export function inspectSession(tables: LockTables, session: string): AnswerOf<'session'> {
  // Without positions: each would be a walk along its queue.
  const show = (name: string): AnswerOf<'session'>['holds'][number] =>
    stateOf(tables, name, requestOf(tables, name), undefined);
  const holds = firstOf(tables.sessionHolds.in(rowsOf(session))).map(([, { request }]) => request);
  const waits = firstOf(tables.sessionWaits.in(rowsOf(session))).map(([, request]) => request);
  return {
    kind: 'session',
    holds: [...new Set(holds)].map(show),
    waits: [...new Set(waits)].map(show),
  };
}

function stateOf(
  tables: LockTables,
  request: string,
  row: RequestRow,
  position: number | undefined,
): Omit<AnswerOf<'request'>, 'kind'> {
  const { kind, session, owner, items, note, sinceMs, waitUntilMs } = row;
  const state = stateNow(tables, row);
  const endOf = (ms: number | undefined): ClusterMs | undefined =>
    state === 'granted' && ms !== undefined ? clusterMs(sinceMs + ms) : undefined;
  const breaking = items.flatMap(({ lock, fence }) =>
    fence === undefined ? [] : (tables.holds.get(holdKey(lock, fence))?.breaking ?? []),
  );
  return {
    request,
    state,
    what: kind,
    session,
    owner,
    items,
    note,
    sinceMs,
    position,
    waitUntilMs,
    deadlineMs: endOf(row.maxHoldMs),
    claimUntilMs: endOf(row.claimMs),
    breaking: breaking[0],
  };
}
