import type { Ordered, Plugin, Tables } from '@lockstep/vr-core';
import * as fc from 'fast-check';
import { MODES, type Mode } from './compatibility';
import type { LockOutcome } from './outcomes';
import { lockManager } from './plugin';
import { SoloLocks } from './solo-locks';

/** The rules again, in the plainest words: two lists, and four functions that walk all over them. */
class NaiveLocks {
  nowMs = 0;
  fence = 2n ** 44n;
  holds: Hold[] = [];
  queue: Wait[] = [];
  delays: { lock: string; mode: Mode; untilMs: number }[] = [];
  finished = new Map<string, { session: string; state: string }>();
  sessions = new Map<string, { ttlMs: number; delayMs: number; deadlineMs: number }>();

  acquire(asked: Ask): string {
    const { session, lock, owner, mode, waitMs, request } = asked;
    if (!this.sessions.has(session)) return 'session-expired';
    const own = (each: Ask): boolean =>
      each.session === session && each.lock === lock && each.owner === owner;
    const held = this.holds.find(own);
    if (held !== undefined) return `already-held ${held.fence}`;
    const waits = this.queue.find(own);
    if (waits !== undefined) return `already-queued ${waits.request}`;
    const ahead = this.queue.filter((each) => each.lock === lock).length;
    if (ahead === 0 && this.fits(lock, mode)) return `granted ${this.grant(asked)}`;
    if (waitMs === 0) return this.holds.some((h) => h.lock === lock) ? 'lock-held' : 'lock-delay';
    const untilMs = waitMs === undefined ? Infinity : this.nowMs + waitMs;
    this.queue.push({ ...asked, untilMs });
    return `queued ${request} ${ahead + 1}`;
  }

  release(session: string, lock: string, owner: string, fence: bigint | undefined): string {
    const own = (each: Ask): boolean =>
      each.session === session && each.lock === lock && each.owner === owner;
    const held = this.holds.find(own);
    if (held !== undefined) {
      return held.fence === fence ? this.cancel(held.request) : `stale-fence ${held.fence}`;
    }
    const waits = fence === undefined ? this.queue.find(own) : undefined;
    return waits === undefined ? 'already-released' : this.cancel(waits.request);
  }

  cancel(request: string): string {
    const at = [...this.holds, ...this.queue].find((each) => each.request === request);
    if (at === undefined) {
      const state = this.finished.get(request)?.state;
      return state === undefined ? 'unknown-request' : `finished ${state}`;
    }
    const answer = this.holds.some((hold) => hold.request === request) ? 'released' : 'cancelled';
    this.drop((each) => each.request === request);
    this.finished.set(request, { session: at.session, state: answer });
    this.fillUp(at.lock);
    return answer;
  }

  endSession(session: string, delayMs: number): void {
    const lost = this.holds.filter((hold) => hold.session === session);
    const affected = [...lost, ...this.queue.filter((wait) => wait.session === session)];
    this.sessions.delete(session);
    this.drop((each) => each.session === session);
    for (const [request, row] of this.finished)
      if (row.session === session) this.finished.delete(request);
    if (delayMs > 0)
      for (const { lock, mode } of lost) this.delay(lock, mode, this.nowMs + delayMs);
    for (const lock of [...new Set(affected.map((each) => each.lock))].sort()) this.fillUp(lock);
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let next = this.nextDue(); next.atMs <= endMs; next = this.nextDue()) {
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = endMs;
  }

  /** Deadlines in the order of the timers: by time, then delays, waits and sessions, each in order of its key. */
  private nextDue(): { atMs: number; run: () => void } {
    const due = [
      ...this.delays.map((delay) => ({
        atMs: delay.untilMs,
        key: `1${MODES.indexOf(delay.mode)}${delay.lock}`,
        run: () => {
          this.delays = this.delays.filter((each) => each !== delay);
          this.fillUp(delay.lock);
        },
      })),
      ...this.queue.map((wait) => ({
        atMs: wait.untilMs,
        key: `2${wait.request}`,
        run: () => {
          this.cancel(wait.request);
          this.finished.set(wait.request, { session: wait.session, state: 'timed-out' });
        },
      })),
      ...[...this.sessions].map(([id, session]) => ({
        atMs: session.deadlineMs,
        key: `3${id.padStart(20, '0')}`,
        run: () => this.endSession(id, session.delayMs),
      })),
    ];
    const never = { atMs: Infinity, key: '', run: () => undefined };
    return due.reduce<typeof never>(
      (a, b) =>
        b.atMs < a.atMs || (b.atMs === a.atMs && b.key < a.key)
          ? { ...b, run: b.run as () => undefined }
          : a,
      never,
    );
  }

  private fits(lock: string, mode: Mode): boolean {
    const others = [
      ...this.holds.filter((hold) => hold.lock === lock),
      ...this.delays.filter((delay) => delay.lock === lock),
    ];
    return others.every((other) => other.mode === 'shared' && mode === 'shared');
  }

  private grant(asked: Ask): bigint {
    this.fence += 1n;
    this.holds.push({ ...asked, fence: this.fence });
    return this.fence;
  }

  private fillUp(lock: string): void {
    for (;;) {
      const head = this.queue.find((wait) => wait.lock === lock);
      if (head === undefined || !this.fits(lock, head.mode)) return;
      this.queue = this.queue.filter((wait) => wait !== head);
      this.grant(head);
    }
  }

  private delay(lock: string, mode: Mode, untilMs: number): void {
    const running = this.delays.find((each) => each.lock === lock && each.mode === mode);
    if (running === undefined) this.delays.push({ lock, mode, untilMs });
    else running.untilMs = Math.max(running.untilMs, untilMs);
  }

  private drop(which: (each: Ask) => boolean): void {
    this.holds = this.holds.filter((each) => !which(each));
    this.queue = this.queue.filter((each) => !which(each));
  }
}

interface Ask {
  request: string;
  session: string;
  lock: string;
  owner: string;
  mode: Mode;
  waitMs: number | undefined;
}
type Hold = Ask & { fence: bigint };
type Wait = Ask & { untilMs: number };

const LOCKS = ['a', 'b', 'c'];

const which = fc.nat({ max: 3 });
const lock = fc.constantFrom(...LOCKS);
const owner = fc.constantFrom('', 'x');
const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('open' as const),
      ttlMs: fc.constantFrom(2_000, 2_500, 4_000),
      delayMs: fc.constantFrom(0, 0, 700),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('acquire' as const),
      which,
      lock,
      owner,
      mode: fc.constantFrom(...MODES),
      waitMs: fc.constantFrom(undefined, undefined, 0, 500, 1_500),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      which,
      lock,
      owner,
      fence: fc.constantFrom('held', 'held', 'held', 'none', 'old'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), back: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), which }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('keepalive' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.constantFrom(0, 1, 499, 500, 1_000, 2_000),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The state machine, its twin of two lists, and a second state machine that is looked at all the time. */
class Trio {
  readonly rows = new Map<string, Ordered>();
  readonly locks = new SoloLocks([openedUp(this.rows)]);
  readonly observed = new SoloLocks();
  readonly naive = new NaiveLocks();
  private readonly opened: string[] = [];
  private asked = 0;

  run(next: Step): void {
    switch (next.kind) {
      case 'open':
        return this.open(next.ttlMs, next.delayMs);
      case 'acquire':
        return this.acquire({ ...next, session: this.session(next.which) });
      case 'release':
        return this.release(next);
      case 'cancel': {
        const request = `r${Math.max(0, this.asked - next.back)}`;
        return this.same((each) => each.cancel(request), this.naive.cancel(request));
      }
      case 'close': {
        const session = this.session(next.which);
        this.both((each) => each.solo.closeSession(session as never));
        if (this.naive.sessions.has(session)) this.naive.endSession(session, 0);
        return;
      }
      case 'keepalive': {
        const session = this.session(next.which);
        const alive = this.naive.sessions.get(session);
        if (alive !== undefined) alive.deadlineMs = this.naive.nowMs + alive.ttlMs;
        const kept = this.both((each) => each.solo.keepalive(session as never));
        expect(kept).toBe(alive !== undefined);
        return;
      }
      case 'advance':
        this.both((each) => each.solo.advance(next.ms));
        return this.naive.advance(next.ms);
    }
  }

  open(ttlMs: number, delayMs: number): void {
    const session = this.both((each) => each.open(ttlMs, delayMs));
    this.opened.push(session);
    this.naive.sessions.set(session, { ttlMs, delayMs, deadlineMs: this.naive.nowMs + ttlMs });
  }

  private acquire(terms: Omit<Ask, 'request'>): void {
    this.asked += 1;
    const { session, lock: name, owner: by, mode, waitMs } = terms;
    const ask = { request: `r${this.asked}`, session, lock: name, owner: by, mode, waitMs };
    this.same((each) => each.acquire(session, name, ask), this.naive.acquire(ask));
  }

  private release(next: Extract<Step, { kind: 'release' }>): void {
    const session = this.session(next.which);
    const held = this.naive.holds.find(
      (hold) => hold.session === session && hold.lock === next.lock && hold.owner === next.owner,
    );
    const fences = { held: held?.fence ?? 7n, none: undefined, old: 7n };
    const fence = fences[next.fence as keyof typeof fences];
    const said = this.naive.release(session, next.lock, next.owner, fence);
    this.same((each) => each.release(session, next.lock, fence, next.owner), said);
  }

  /** One of the four sessions opened last, alive or not. */
  private session(back: number): string {
    return this.opened[Math.max(0, this.opened.length - 1 - back)] ?? 'none';
  }

  private same(operation: (locks: SoloLocks) => LockOutcome, said: string): void {
    expect(shown(this.both(operation))).toBe(said);
  }

  private both<T>(operation: (locks: SoloLocks) => T): T {
    const result = operation(this.locks);
    for (const name of LOCKS) this.observed.ask({ kind: 'lock', name });
    expect(operation(this.observed)).toEqual(result);
    return result;
  }
}

function shown(outcome: LockOutcome): string {
  switch (outcome.kind) {
    case 'granted':
    case 'already-held':
      return `${outcome.kind} ${outcome.fence}`;
    case 'queued':
      return `queued ${outcome.request} ${outcome.position}`;
    case 'already-queued':
      return `already-queued ${outcome.request}`;
    case 'finished':
      return `finished ${outcome.state}`;
    case 'stale-fence':
      return `stale-fence ${outcome.currentFence}`;
    default:
      return outcome.kind;
  }
}

/** What both say about who holds and who waits, in order. */
function check({ locks, observed, naive }: Trio): void {
  for (const name of LOCKS) {
    const { holders, waiters, delayedUntilMs } = locks.ask({ kind: 'lock', name });
    const held = holders.map(({ request, holder }) => [request, holder.fence]);
    const grants = naive.holds.filter((hold) => hold.lock === name);
    expect(held).toEqual(grants.map(({ request, fence }) => [request, fence]));
    const waiting = naive.queue.filter((wait) => wait.lock === name);
    expect(waiters.map(({ request }) => request)).toEqual(waiting.map(({ request }) => request));
    // I1: compatible holders only.
    const writers = holders.filter(({ holder }) => holder.mode === 'exclusive').length;
    expect(writers === 0 || holders.length === 1).toBe(true);
    // I10: nobody waits for a free lock.
    if (holders.length === 0 && delayedUntilMs === undefined) expect(waiters).toEqual([]);
  }
  // I8: the one that was looked at all the time is the same.
  expect(observed.solo.digest('locks')).toBe(locks.solo.digest('locks'));
  expect([...locks.solo.execution.internalErrors]).toEqual([]);
}

describe('the lock table beside its naive twin', () => {
  it('says and does the same, whatever sessions, locks and clocks do', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
        const trio = new Trio();
        for (let at = 0; at < 4; at += 1) trio.open(2_000 + at * 500, at === 1 ? 700 : 0);
        for (const next of steps) {
          trio.run(next);
          check(trio);
        }
        // I2: fences rise strictly over all grants.
        const fences = trio.locks.events.flatMap((event) =>
          event.kind === 'lock.granted' ? [event.fence] : [],
        );
        expect([...new Set(fences)].sort((a, b) => (a < b ? -1 : 1))).toEqual(fences);
        checkNothingLeft(trio);
      }),
      { numRuns: 60 },
    );
  });
});

/** I7: when every session has gone, only the counter of fences is left, and no timer will ever run out. */
function checkNothingLeft({ locks, rows }: Trio): void {
  locks.solo.advance(10_000);
  const used = [...rows].filter(([, table]) => table.size > 0).map(([name]) => name);
  expect(used.filter((name) => name !== 'fences')).toEqual([]);
  const keysAreKeptMs = 3_600_000;
  locks.solo.advance(keysAreKeptMs);
  expect(locks.solo.execution.nextTimerMs()).toBeUndefined();
  expect([...locks.solo.execution.internalErrors]).toEqual([]);
}

/** The lock manager, and its tables by name. */
function openedUp(rows: Map<string, Ordered>): Plugin {
  const plugin = lockManager();
  const ordered = (tables: Tables, name: string): Ordered => {
    const table = tables.ordered(name);
    rows.set(name, table);
    return table;
  };
  return {
    ...plugin,
    create: (tables) =>
      plugin.create({
        records: (name, recordBytes) => tables.records(name, recordBytes),
        ordered: (name) => ordered(tables, name),
      }),
  };
}
