import type { ByteString } from '@lockstep/vr-core';
import { MODES } from '../model/compatibility';
import { nameOf } from './inspect-lock';
import { placeIn } from '../acquire/obstacle';
import { BLOCKERS_SHOWN_MAX, type LockAnswer, type LockQuery } from '../queries';
import { requestOf } from '../acquire/request';
import { nameKey, queueOf } from '../model/keys';
import { isSameOwner, type Owner } from '../model/owner';
import type { LockTables } from '../model/tables';
import { blockersOf } from '../queue/wait-graph';

type Graph = Extract<LockAnswer, { kind: 'graph' }>;
type Edge = Graph['waits'][number];

/** Who waits for whom, lock by lock. Requests above a lock's own items are shown where they wait. */
export function inspectGraph(
  tables: LockTables,
  query: Extract<LockQuery, { kind: 'graph' }>,
): Graph {
  const waits: Edge[] = [];
  const after = query.after === undefined ? undefined : nameKey(query.after);
  for (const [at, row] of tables.locks.in('' as ByteString, after)) {
    if (at === after || row.waiters === 0) continue;
    const lock = nameOf(at);
    for (const edge of edgesAt(tables, lock, query.limit - waits.length)) waits.push(edge);
    if (waits.length >= query.limit) return { kind: 'graph', waits, next: lock };
  }
  return { kind: 'graph', waits, next: undefined };
}

/** Requests that wait at this lock, in order; of a queue longer than an answer the first. */
function edgesAt(tables: LockTables, lock: string, most: number): readonly Edge[] {
  const queued = MODES.flatMap((mode) =>
    firstIn(tables, lock, mode, most).map(([at, name]) => ({ mode, name, place: placeIn(at) })),
  );
  queued.sort((a, b) => (a.place < b.place ? -1 : 1));
  return queued.slice(0, most).flatMap(({ name }): Edge[] => {
    const request = requestOf(tables, name);
    const { session, owner } = request;
    const blockers: Owner[] = [];
    let mode: Edge['mode'] | undefined;
    for (const { need, owner: blocker } of blockersOf(tables, request)) {
      if (need.lock !== lock) continue;
      mode = need.mode;
      if (blockers.some((each) => isSameOwner(each, blocker))) continue;
      blockers.push({ session: blocker.session, owner: blocker.owner });
      if (blockers.length === BLOCKERS_SHOWN_MAX) break;
    }
    if (mode === undefined) return [];
    return [{ waiter: { session, owner }, lock, mode, waitsFor: blockers }];
  });
}

function firstIn(
  tables: LockTables,
  lock: string,
  mode: (typeof MODES)[number],
  most: number,
): readonly (readonly [ByteString, string])[] {
  const first: (readonly [ByteString, string])[] = [];
  for (const entry of tables.waiters.in(queueOf(lock, mode))) {
    first.push(entry);
    if (first.length === most) break;
  }
  return first;
}
