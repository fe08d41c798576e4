import { clusterMs, type ByteString } from '@lockstep/vr-core';
import { MODES, type Mode } from '../model/compatibility';
import { convertNow } from '../holding/conversion';
import type { Execution } from '../model/execution';
import { grant } from '../acquire/grant';
import type { Need } from '../acquire/needs';
import { isSoleUser, obstacleTo, placeIn, type Obstacle } from '../acquire/obstacle';
import { dequeue, isWanted } from './queue';
import { nameKey, ownersKey, placeOf, queueOf } from '../model/keys';
import type { Owner } from '../model/owner';
import type { LockTables, RequestRow } from '../model/tables';
import { requestOf } from '../acquire/request';
import { handOnTimer } from '../ending/timer-keys';
import type { TypedEntry } from '../../table/typed-table';
import { firstUser } from '../acquire/users';
import { lockRowOf } from '../acquire/uses';

/** Grants of one operation; the rest follows in the next Ticks. (decision 20) */
const GRANTS_PER_STEP = 250;

/**
 * Gives everybody who waits for one of these locks what fits now, in order of their places. To be called whenever a lock
 * may have become freer, so that a free lock never has a live waiter. (locks.md I5, I10)
 */
export function handOn(execution: Execution, freed: Iterable<string>): void {
  const round = new Round(execution);
  round.add(freed);
  round.run();
}

/** The same for an owner that was granted something: what it waits for may be covered by that. */
export function handOnTo(execution: Execution, owner: RequestRow): void {
  if (!isWanted(execution.tables, owner)) return;
  const round = new Round(execution);
  round.considerOwner(owner);
  round.run();
}

/** One pass over the locks that have become freer, in order of their names, until nothing more fits. */
class Round {
  private readonly execution: Execution;
  private readonly tables: LockTables;
  private readonly locks = new Set<string>();
  private granted = 0;

  constructor(execution: Execution) {
    this.execution = execution;
    this.tables = execution.tables;
  }

  add(locks: Iterable<string>): void {
    for (const lock of locks) if (lockRowOf(this.tables, lock).waiters > 0) this.locks.add(lock);
  }

  run(): void {
    while (this.locks.size > 0) {
      const lock = lowest(this.locks);
      this.locks.delete(lock);
      if (this.granted < GRANTS_PER_STEP) this.serve(lock);
      else this.putOff(lock);
    }
  }

  private putOff(lock: string): void {
    const { timers, clusterMs: now } = this.execution.context;
    timers.set(handOnTimer(lock), clusterMs(now));
  }

  /** Looks at the queues of all modes as at one, until each is found shut. */
  private serve(lock: string): void {
    const places = new Map(MODES.map((mode) => [mode, queueOf(lock, mode)]));
    for (;;) {
      const next = this.nextOf(lock, places);
      if (next === undefined) return;
      if (this.granted >= GRANTS_PER_STEP) return this.putOff(lock);
      const [at, name] = next.entry;
      const obstacle = this.consider(name, placeIn(at));
      if (obstacle?.need.lock === lock) {
        // What keeps out this one keeps out all behind it who want the same, but for the owner that is in the way itself.
        places.delete(next.mode);
        if (obstacle.why === 'held') this.considerUser(obstacle.need);
      } else {
        places.set(next.mode, at);
      }
    }
  }

  private nextOf(lock: string, places: ReadonlyMap<Mode, ByteString>): Waiter | undefined {
    let first: Waiter | undefined;
    for (const [mode, after] of places) {
      const entry = this.tables.waiters.nextIn(queueOf(lock, mode), after);
      if (entry === undefined) continue;
      if (first === undefined || placeIn(entry[0]) < placeIn(first.entry[0])) {
        first = { mode, entry };
      }
    }
    return first;
  }

  /** Grants it when it fits. Otherwise returns what is in its way. */
  private consider(name: string, place: ByteString): Obstacle | undefined {
    const { execution, tables } = this;
    const request = requestOf(tables, name);
    // Its session has ended, and it is about to be cleared away. (locks.md I3)
    if (execution.context.sessions.find(request.session) === undefined) return undefined;
    const obstacle = obstacleTo(tables, request, place);
    if (obstacle !== undefined) return obstacle;
    const left = dequeue(execution, name, request);
    if (request.kind === 'conversion') convertNow(execution, name, request);
    else grant(execution, name, request, true);
    this.granted += request.items.length;
    this.add(left);
    if (isWanted(tables, request)) this.considerOwner(request);
    return undefined;
  }

  /** Who waits for nobody but itself. */
  private considerUser(need: Need): void {
    const user = firstUser(this.tables, need);
    if (user !== undefined && isSoleUser(this.tables, user.hold, need)) {
      this.considerOwner(user.hold);
    }
  }

  /** It holds more than before, or is the only one in the way: its other requests may be covered now. */
  considerOwner(owner: Owner): void {
    const waits = Array.from(this.tables.sessionWaits.in(ownersKey(owner)), ([, name]) => name);
    for (const name of new Set(waits)) {
      const request = requestOf(this.tables, name);
      if (request.state === 'queued') this.consider(name, placeOf(request));
    }
  }
}

interface Waiter {
  readonly mode: Mode;
  readonly entry: TypedEntry<string>;
}

function lowest(names: ReadonlySet<string>): string {
  let first: string | undefined;
  for (const name of names) {
    if (first === undefined || nameKey(name) < nameKey(first)) first = name;
  }
  if (first === undefined) throw new RangeError('the lowest of no names');
  return first;
}
