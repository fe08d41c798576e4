import type { ByteString } from '@lockstep/vr-core';
import { conflictsOf, MODES, type Mode } from '../model/compatibility';
import { needsBeyond, type Need } from '../acquire/needs';
import { placeIn } from '../acquire/obstacle';
import { requestOf } from '../acquire/request';
import { permitsLeft } from '../semaphore/semaphore';
import { ownersKey, placeOf, queueOf } from '../model/keys';
import { isSameOwner, type Owner } from '../model/owner';
import type { LockTables, RequestRow } from '../model/tables';
import { permitUsersOf, usersOf } from '../acquire/users';

/** Somebody waits: this request of its owner, for one lock. */
export interface Waiting {
  readonly request: string;
  readonly owner: Owner;
  readonly need: Need;
}

/** Owners and the requests they wait with, each once. */
export function waitsOf(tables: LockTables, owner: Owner): readonly string[] {
  const names = Array.from(tables.sessionWaits.in(ownersKey(owner)), ([, name]) => name);
  return [...new Set(names)];
}

/** Needs of a request that keep it waiting, each with the owners it waits for: holders, and those in front of it. */
export function* blockersOf(
  tables: LockTables,
  request: RequestRow,
  seen: Seen = new Seen(),
): Iterable<{ readonly need: Need; readonly owner: Owner }> {
  const place = placeOf(request);
  for (const need of needsBeyond(tables, request, request.items)) {
    for (const owner of ownersInTheWay(tables, need, place, seen)) {
      if (!isSameOwner(owner, request)) yield { need, owner };
    }
  }
}

function* ownersInTheWay(
  tables: LockTables,
  need: Need,
  place: ByteString,
  seen: Seen,
): Iterable<Owner> {
  if (seen.usesOf(need)) {
    for (const user of usersOf(tables, need)) yield user.hold;
    if (need.permits > 0 && need.permits > permitsLeft(tables, need.lock)) {
      for (const user of permitUsersOf(tables, need.lock)) yield user.hold;
    }
  }
  for (const mode of excluding(need)) {
    const queue = queueOf(need.lock, mode);
    for (const [at, name] of tables.waiters.in(queue, seen.from(queue))) {
      if (placeIn(at) >= place) break;
      seen.through(queue, at);
      yield requestOf(tables, name);
    }
  }
}

/** Modes of those in front that keep a request out. */
function excluding({ mode, permits }: Need): readonly Mode[] {
  const modes = conflictsOf(mode).map((at) => MODES[at] as Mode);
  return permits > 0 ? [...modes, 'permit'] : modes;
}

/** What a search has looked at: who is in the way of one is in the way of all who come after it, and is looked at once. */
export class Seen {
  private readonly uses = new Set<string>();
  private readonly queues = new Map<ByteString, ByteString>();

  /** True the first time. */
  usesOf({ lock, mode, permits }: Need): boolean {
    const use = `${mode} ${permits} ${lock}`;
    if (this.uses.has(use)) return false;
    this.uses.add(use);
    return true;
  }

  from(queue: ByteString): ByteString {
    const last = this.queues.get(queue);
    return last === undefined ? queue : (`${last}\0` as ByteString);
  }

  through(queue: ByteString, at: ByteString): void {
    this.queues.set(queue, at);
  }
}
