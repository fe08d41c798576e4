import {
  clusterMs,
  utf8Decode,
  type ByteString,
  type ClusterMs,
  type ReadContext,
} from '@lockstep/vr-core';
import { MODES } from './compatibility';
import { lockRowOf } from './lock-row';
import { PAGE_MAX, type LockAnswer, type LockQuery } from './queries';
import { positionOf } from './queue';
import {
  fenceOf,
  holdKey,
  nameKey,
  rowsOf,
  type LockRow,
  type LockTables,
  type RequestRow,
} from './tables';
import type { TypedTable } from './typed-table';

type AnswerOf<K extends LockAnswer['kind']> = Extract<LockAnswer, { kind: K }>;
type QueryOf<K extends LockQuery['kind']> = Extract<LockQuery, { kind: K }>;

/** Rows a listing looks at before it hands back what it has: a rare state must not cost a walk over every lock. */
const ROWS_PER_LISTING = 10_000;

export function inspect(tables: LockTables, query: LockQuery, context: ReadContext): LockAnswer {
  switch (query.kind) {
    case 'lock':
      return inspectLock(tables, query.name, context);
    case 'locks':
      return listLocks(tables, query);
    case 'request':
      return inspectRequest(tables, query.request);
    case 'check':
      return checkSequencers(tables, query);
    case 'session':
      return inspectSession(tables, query.session);
  }
}

/** True while the grant of that fence stands: sessions that ended have left no hold behind. */
export function isCurrent(tables: LockTables, lock: string, fence: bigint): boolean {
  return tables.holds.get(holdKey(lock, fence)) !== undefined;
}

/** Deadlines are shown as they stand: a reading never decides that one has passed. (decision 37) */
function inspectLock(tables: LockTables, name: string, context: ReadContext): AnswerOf<'lock'> {
  const row = lockRowOf(tables, name);
  const holders: AnswerOf<'lock'>['holders'][number][] = [];
  for (const [at, hold] of firstOf(tables.holds.in(rowsOf(name)))) {
    const { request, session, owner, mode, sinceMs } = hold;
    const note = noteOf(tables, request);
    const deadlineMs = context.sessions.find(session)?.deadlineMs ?? context.clusterMs;
    const holder = { session, owner, mode, fence: fenceOf(at), note, sinceMs };
    holders.push({ request, deadlineMs, holder });
  }
  const waiters: AnswerOf<'lock'>['waiters'][number][] = [];
  for (const [, request] of firstOf(tables.waiters.in(rowsOf(name)))) {
    const { session, owner, mode, sinceMs, waitUntilMs, note } = requestOf(tables, request);
    const position = waiters.length + 1;
    waiters.push({ request, session, owner, mode, position, sinceMs, waitUntilMs, note });
  }
  return {
    kind: 'lock',
    name,
    holderCount: row.uses.reduce((sum, use) => sum + use.holders, 0),
    waiterCount: row.waiters,
    delayedUntilMs: delayedUntil(row),
    holders,
    waiters,
  };
}

function listLocks(tables: LockTables, query: QueryOf<'locks'>): AnswerOf<'locks'> {
  const locks: AnswerOf<'locks'>['locks'][number][] = [];
  const after = query.after === undefined ? undefined : nameKey(query.after);
  let looked = 0;
  for (const [at, row] of tables.locks.in(nameKey(query.prefix), after)) {
    if (at === after) continue;
    const name = nameOf(at);
    looked += 1;
    if (matches(row, query.state)) locks.push(summaryOf(name, row));
    if (locks.length === query.limit || looked === ROWS_PER_LISTING) {
      return { kind: 'locks', locks, next: name };
    }
  }
  return { kind: 'locks', locks, next: undefined };
}

function matches(row: LockRow, state: QueryOf<'locks'>['state']): boolean {
  switch (state) {
    case 'any':
      return true;
    case 'held':
      return row.uses.some((use) => use.holders > 0);
    case 'waited':
      return row.waiters > 0;
  }
}

function summaryOf(name: string, row: LockRow): AnswerOf<'locks'>['locks'][number] {
  const held = MODES.flatMap((mode, at) => {
    const holders = row.uses[at]?.holders ?? 0;
    return holders > 0 ? [{ mode, holders }] : [];
  });
  return { name, held, waiters: row.waiters, delayedUntilMs: delayedUntil(row) };
}

function inspectRequest(
  tables: LockTables,
  name: string,
): AnswerOf<'request'> | AnswerOf<'unknown-request'> {
  const request = tables.requests.get(nameKey(name));
  if (request === undefined) return { kind: 'unknown-request' };
  const position = request.state === 'queued' ? positionOf(tables, request) : undefined;
  return { kind: 'request', ...stateOf(name, request, position) };
}

function checkSequencers(tables: LockTables, query: QueryOf<'check'>): AnswerOf<'check'> {
  const results = query.sequencers.map(({ lock, fence, mode }) => {
    const hold = tables.holds.get(holdKey(lock, fence));
    const valid = hold !== undefined && (mode === undefined || mode === hold.mode);
    const first = tables.holds.firstIn(rowsOf(lock));
    return { valid, currentFence: first === undefined ? undefined : fenceOf(first[0]) };
  });
  return { kind: 'check', results };
}

function inspectSession(tables: LockTables, session: string): AnswerOf<'session'> {
  const statesIn = (table: TypedTable<string>): AnswerOf<'session'>['holds'] =>
    firstOf(table.in(rowsOf(session))).map(([, name]) =>
      // Without positions: each would be a walk along its queue.
      stateOf(name, requestOf(tables, name), undefined),
    );
  return {
    kind: 'session',
    holds: statesIn(tables.sessionHolds),
    waits: statesIn(tables.sessionWaits),
  };
}

function stateOf(
  request: string,
  row: RequestRow,
  position: number | undefined,
): Omit<AnswerOf<'request'>, 'kind'> {
  const { state, session, lock, owner, mode, sinceMs, waitUntilMs, fence } = row;
  return { request, state, session, lock, owner, mode, sinceMs, position, waitUntilMs, fence };
}

function delayedUntil(row: LockRow): ClusterMs | undefined {
  const latest = Math.max(0, ...row.uses.map((use) => use.delayedUntilMs));
  return latest === 0 ? undefined : clusterMs(latest);
}

function requestOf(tables: LockTables, name: string): RequestRow {
  const request = tables.requests.get(nameKey(name));
  if (request === undefined) throw new RangeError(`${name} holds or waits, and is unknown`);
  return request;
}

function noteOf(tables: LockTables, request: string): string {
  return tables.requests.get(nameKey(request))?.note ?? '';
}

function nameOf(lockKey: ByteString): string {
  const name = utf8Decode(lockKey);
  if (name === undefined) throw new RangeError('a lock whose name is not text');
  return name;
}

function firstOf<T>(rows: Iterable<T>): T[] {
  const first: T[] = [];
  for (const row of rows) {
    first.push(row);
    if (first.length === PAGE_MAX) break;
  }
  return first;
}
