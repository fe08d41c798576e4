import { key } from '@lockstep/vr-core';
import { MODES } from '../model/compatibility';
import { endWait } from '../ending/end-wait';
import type { Execution } from '../model/execution';
import { handOn } from './hand-on';
import { CYCLE_SHOWN_MAX, type LockOutcome, type Wait } from '../outcomes';
import { holdsAnything } from '../acquire/own-uses';
import { holderOf } from '../acquire/refusal';
import { isWanted } from './queue';
import { requestOf } from '../acquire/request';
import { holdKey, nameKey, ownersKey, placeOf, queueOf } from '../model/keys';
import { needsOf } from '../acquire/needs';
import { isSameOwner, type Owner } from '../model/owner';
import type { LockTables, RequestRow } from '../model/tables';
import { lockRowOf } from '../acquire/uses';
import { blockersOf, Seen, waitsOf, type Waiting } from './wait-graph';

/**
 * A request has just begun to wait. As long as its owner waits for itself through others, one of them gives way: this one,
 * by being refused, or another, which is ended. Every circle has such a beginning, so that there is never one afterwards.
 * (locks.md I12)
 */
export function breakDeadlocks(
  execution: Execution,
  name: string,
  request: RequestRow,
): LockOutcome | undefined {
  const { tables } = execution;
  for (;;) {
    if (tables.requests.get(nameKey(name))?.state !== 'queued') return undefined;
    // There was no circle before: a new one leaves the owner by this request, or comes in at those whom it has passed.
    const from = isInFront(tables, request) ? waitsOf(tables, request) : [name];
    const cycle = cycleOf(execution, request, from);
    if (cycle === undefined) return undefined;
    const conflict = upgradeConflict(tables, request, cycle);
    if (conflict !== undefined) return conflict;
    const victim = victimOf(tables, name, request, cycle);
    if (victim === name) return deadlock(cycle);
    handOn(execution, endWait(execution, victim, requestOf(tables, victim), 'deadlock'));
  }
}

/**
 * A grant that was had at once may close a circle as well: those whom it passed wait for its owner from here on, and the
 * owner may wait behind them for something else. Such a grant is refused. (locks.md I12)
 */
export function closedByGrant(execution: Execution, request: RequestRow): LockOutcome | undefined {
  const { tables } = execution;
  if (!isWanted(tables, request)) return undefined;
  const waits = waitsOf(tables, request);
  if (waits.length === 0) return undefined;
  const cycle = cycleOf(execution, request, waits);
  return cycle === undefined ? undefined : deadlock(cycle);
}

/**
 * Hands on what an owner has given up. It has lost the right to pass those who wait for the same: where one of its own
 * requests waits behind somebody who waits for something else of it, that request is ended. (locks.md I12)
 */
export function handOnFrom(execution: Execution, owner: Owner, freed: Iterable<string>): void {
  handOn(execution, freed);
  endCirclesOf(execution, owner);
}

/** Ends requests of an owner, other than one that is just being asked, as long as it waits for itself. */
export function endCirclesOf(execution: Execution, owner: Owner): void {
  const { tables } = execution;
  for (;;) {
    const first = tables.sessionWaits.firstIn(ownersKey(owner));
    if (first === undefined) return;
    const waits = waitsOf(tables, owner);
    const closing = cycleOf(execution, requestOf(tables, first[1]), waits)?.[0]?.request;
    if (closing === undefined) return;
    handOn(execution, endWait(execution, closing, requestOf(tables, closing), 'deadlock'));
  }
}

function deadlock(cycle: readonly Waiting[]): LockOutcome {
  return { kind: 'deadlock', cycle: cycle.slice(0, CYCLE_SHOWN_MAX).map(step) };
}

/** The owners from the one that asks on, each of which waits for the next, and the last for the first. */
function cycleOf(
  execution: Execution,
  asking: RequestRow,
  from: readonly string[],
): readonly Waiting[] | undefined {
  const { tables, context } = execution;
  if (!mayBeWaitedFor(tables, asking)) return undefined;
  const seen = new Seen();
  const reached = new Map<string, Step>([[idOf(asking), { owner: asking, by: undefined }]]);
  const toDo: Step[] = [{ owner: asking, by: undefined }];
  for (let at = toDo.pop(); at !== undefined; at = toDo.pop()) {
    // What is in the way of the one that asks may be itself, and then not in its way: that is no answer for others.
    const isFirst = isSameOwner(at.owner, asking);
    const looked = isFirst ? new Seen() : seen;
    for (const request of isFirst ? from : waitsOf(tables, at.owner)) {
      for (const { need, owner } of blockersOf(tables, requestOf(tables, request), looked)) {
        const waiting = { request, owner: at.owner, need };
        if (isSameOwner(owner, asking)) return pathTo({ owner: at.owner, by: at.by }, waiting);
        if (reached.has(idOf(owner))) continue;
        // What is left of a session that has ended goes by itself.
        if (context.sessions.find(owner.session) === undefined) continue;
        const next: Step = { owner, by: { waiting, from: at } };
        reached.set(idOf(owner), next);
        toDo.push(next);
      }
    }
  }
  return undefined;
}

/** An owner reached by the search, and through whom. */
interface Step {
  readonly owner: Owner;
  readonly by: { readonly waiting: Waiting; readonly from: Step } | undefined;
}

function pathTo(last: Step, closing: Waiting): readonly Waiting[] {
  const path = [closing];
  for (let step = last; step.by !== undefined; step = step.by.from) path.unshift(step.by.waiting);
  return path;
}

/** Who holds nothing, has no second request, and stands in front of nobody, is waited for by nobody. */
function mayBeWaitedFor(tables: LockTables, asking: RequestRow): boolean {
  if (holdsAnything(tables, asking)) return true;
  return waitsOf(tables, asking).length > 1 || isInFront(tables, asking);
}

/** Others who want one of its locks stand behind it, though they came first: conversions and priorities pass them. */
function isInFront(tables: LockTables, asking: RequestRow): boolean {
  const place = placeOf(asking);
  return needsOf(asking.items).some(
    ({ lock }) =>
      lockRowOf(tables, lock).waiters > 1 &&
      MODES.some((mode) => {
        const queue = queueOf(lock, mode);
        return tables.waiters.nextIn(queue, key(queue, place)) !== undefined;
      }),
  );
}

/** Two that hold a lock and want it in modes that exclude each other's: neither could ever give way. */
function upgradeConflict(
  tables: LockTables,
  request: RequestRow,
  cycle: readonly Waiting[],
): LockOutcome | undefined {
  const lock = request.items[0]?.lock;
  if (request.kind !== 'conversion' || lock === undefined) return undefined;
  for (const { owner, request: name } of cycle) {
    const other = requestOf(tables, name);
    if (isSameOwner(owner, request) || other.kind !== 'conversion') continue;
    if (other.converts === undefined || other.items[0]?.lock !== lock) continue;
    const hold = tables.holds.get(holdKey(lock, other.converts));
    if (hold === undefined) continue;
    const holder = holderOf(tables, { lock, fence: other.converts, hold });
    return { kind: 'upgrade-conflict', holder };
  }
  return undefined;
}

function victimOf(
  tables: LockTables,
  name: string,
  request: RequestRow,
  cycle: readonly Waiting[],
): string {
  if (request.victim === 'requester') return name;
  const byAge = (one: RequestRow): string => placeOf({ ...one, kind: 'locks', priority: 0 });
  const candidates = cycle.map((waiting) => ({
    name: waiting.request,
    row: requestOf(tables, waiting.request),
  }));
  const worst = candidates.reduce((a, b) => {
    if (request.victim === 'lowest-priority' && a.row.priority !== b.row.priority) {
      return a.row.priority < b.row.priority ? a : b;
    }
    return byAge(a.row) > byAge(b.row) ? a : b;
  });
  return worst.name;
}

function step({ owner, need }: Waiting): Wait {
  return { session: owner.session, owner: owner.owner, lock: need.lock, mode: need.mode };
}

const idOf = (owner: Owner): string => ownersKey(owner);
