import {
  clusterMs,
  utf8Decode,
  type ByteString,
  type ClusterMs,
  type ReadContext,
} from '@lockstep/vr-core';
import { MODES } from '../model/compatibility';
import { firstOf } from './first-of';
import { placeIn } from '../acquire/obstacle';
import type { LockAnswer, LockQuery } from '../queries';
import { holderOf } from '../acquire/refusal';
import { requestOf } from '../acquire/request';
import { fenceOf, nameKey, queueOf, rowsOf } from '../model/keys';
import type { HoldRow, LockRow, LockTables } from '../model/tables';
import { lockRowOf } from '../acquire/uses';

type AnswerOf<K extends LockAnswer['kind']> = Extract<LockAnswer, { kind: K }>;
type QueryOf<K extends LockQuery['kind']> = Extract<LockQuery, { kind: K }>;
type Lock = AnswerOf<'lock'>;

/** Rows a listing looks at before it hands back what it has: a rare state must not cost a walk over every lock. */
const ROWS_PER_LISTING = 10_000;

export function inspectLock(tables: LockTables, name: string, context: ReadContext): Lock {
  const row = lockRowOf(tables, name);
  const semaphore = tables.semaphores.get(nameKey(name));
  return {
    kind: 'lock',
    name,
    holderCount: row.holders,
    waiterCount: row.waiters,
    uses: usesOf(row),
    delayedUntilMs: delayedUntil(row),
    semaphore: semaphore && { ...semaphore, pinned: semaphore.pinned === 1 },
    value: tables.values.get(nameKey(name)),
    holders: firstOf(tables.holds.in(rowsOf(name))).map(([at, hold]) =>
      holderIn(tables, name, fenceOf(at), hold, context),
    ),
    waiters: waitersOf(tables, name),
  };
}

function holderIn(
  tables: LockTables,
  lock: string,
  fence: bigint,
  hold: HoldRow,
  context: ReadContext,
): Lock['holders'][number] {
  const [request = '', ...nested] = hold.requests;
  const { maxHoldMs, sinceMs } = requestOf(tables, request);
  return {
    request,
    nested: nested.length,
    deadlineMs: context.sessions.find(hold.session)?.deadlineMs ?? context.clusterMs,
    maxHoldUntilMs: maxHoldMs === undefined ? undefined : clusterMs(sinceMs + maxHoldMs),
    breaking: hold.breaking,
    holder: holderOf(tables, { lock, fence, hold }),
  };
}

/** Who waits, in the order in which they will be served. */
function waitersOf(tables: LockTables, lock: string): Lock['waiters'] {
  const queued: { place: ByteString; request: string }[] = [];
  for (const mode of MODES) {
    for (const [at, request] of firstOf(tables.waiters.in(queueOf(lock, mode)))) {
      queued.push({ place: placeIn(at), request });
    }
  }
  queued.sort((a, b) => (a.place < b.place ? -1 : 1));
  return firstOf(queued).map(({ request }, at) => {
    const row = requestOf(tables, request);
    const { session, owner, priority, sinceMs, waitUntilMs, note } = row;
    const item = row.items.find((each) => each.lock === lock);
    const { mode, permits } = item ?? { mode: 'intent-exclusive' as const, permits: 1 };
    const converts = row.kind === 'conversion';
    const below = item === undefined;
    const position = at + 1;
    return {
      request,
      session,
      owner,
      mode,
      permits,
      priority,
      converts,
      below,
      position,
      sinceMs,
      waitUntilMs,
      note,
    };
  });
}

export function listLocks(tables: LockTables, query: QueryOf<'locks'>): AnswerOf<'locks'> {
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
  return { name, held: usesOf(row), waiters: row.waiters, delayedUntilMs: delayedUntil(row) };
}

function usesOf(row: LockRow): Lock['uses'] {
  return MODES.flatMap((mode, at) => {
    const holders = row.uses[at]?.holders ?? 0;
    return holders > 0 ? [{ mode, holders }] : [];
  });
}

function delayedUntil(row: LockRow): ClusterMs | undefined {
  const latest = Math.max(0, ...row.uses.map((use) => use.delayedUntilMs));
  return latest === 0 ? undefined : clusterMs(latest);
}

export function nameOf(lockKey: ByteString): string {
  const name = utf8Decode(lockKey);
  if (name === undefined) throw new RangeError('a lock whose name is not text');
  return name;
}
