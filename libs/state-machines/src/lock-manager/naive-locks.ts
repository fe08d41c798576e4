import { MODES, type Mode } from './compatibility';

/** The rules again, in the plainest words: two lists, and four functions that walk all over them. Nothing but a test uses it. */
export class NaiveLocks {
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

export interface Ask {
  request: string;
  session: string;
  lock: string;
  owner: string;
  mode: Mode;
  waitMs: number | undefined;
}
type Hold = Ask & { fence: bigint };
type Wait = Ask & { untilMs: number };
