import { endWait } from './end-wait';
import type { Execution } from './execution';
import { handOn } from './hand-on';
import { CYCLE_SHOWN_MAX, type LockOutcome, type Wait } from './outcomes';
import { holdsAnything } from './own-uses';
import { holderOf } from './refusal';
import { requestOf } from './request';
import { holdKey, nameKey, ownersKey, placeOf } from './keys';
import { isSameOwner, type Owner } from './owner';
import type { LockTables, RequestRow } from './tables';
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
    const cycle = cycleOf(execution, request);
    if (cycle === undefined) return undefined;
    const conflict = upgradeConflict(tables, request, cycle);
    if (conflict !== undefined) return conflict;
    const victim = victimOf(tables, name, request, cycle);
    if (victim === name)
      return { kind: 'deadlock', cycle: cycle.slice(0, CYCLE_SHOWN_MAX).map(step) };
    handOn(execution, endWait(execution, victim, requestOf(tables, victim), 'deadlock'));
  }
}

/** The owners from the one that asks on, each of which waits for the next, and the last for the first. */
function cycleOf(execution: Execution, asking: RequestRow): readonly Waiting[] | undefined {
  const { tables, context } = execution;
  if (!mayBeWaitedFor(tables, asking)) return undefined;
  const seen = new Seen();
  const reached = new Map<string, Step>([[idOf(asking), { owner: asking, by: undefined }]]);
  const toDo: Step[] = [{ owner: asking, by: undefined }];
  for (let at = toDo.pop(); at !== undefined; at = toDo.pop()) {
    // What is in the way of the one that asks may be itself, and then not in its way: that is no answer for others.
    const looked = isSameOwner(at.owner, asking) ? new Seen() : seen;
    for (const request of waitsOf(tables, at.owner)) {
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
  if (asking.kind === 'conversion' || asking.priority !== 0) return true;
  return waitsOf(tables, asking).length > 1;
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
