import { covers, intentOf, MODES, type Mode } from '../model/compatibility';
import {
  above,
  circlesOf,
  isSame,
  obstaclesOf,
  queueAt,
  queueOf,
  usedPermits,
  type NaiveHold,
  type NaiveOwner,
  type NaiveRequest,
  type NaiveState,
} from './naive-rules';

export type NaiveHolder = NaiveOwner & { lock: string; fence?: bigint | undefined };

export const WRITERS: readonly Mode[] = ['exclusive', 'update', 'shared-intent-exclusive'];

/** Causes after which the holder may still be at work. */
const LOST = ['session-expired', 'max-hold', 'broken'];

interface Due {
  atMs: number;
  key: string;
  run: () => void;
}

/** A list of who holds and a list of who has asked, and how both come to an end. */
export class NaiveTable implements NaiveState {
  nowMs = 0;
  fence = 2n ** 44n;
  holds: NaiveHold[] = [];
  requests: NaiveRequest[] = [];
  delays: { lock: string; mode: Mode; untilMs: number }[] = [];
  semaphores = new Map<string, { limit: number; pinned: boolean }>();
  values = new Map<string, string>();
  sessions = new Map<string, { ttlMs: number; delayMs: number; deadlineMs: number }>();
  events: string[] = [];
  /** Where several may be granted, or give way, in any order: that of the one it is compared with. */
  order: string[] = [];
  victims: string[] = [];

  endSession(session: string, cause: 'session-expired' | 'session-closed'): void {
    const delayMs = this.sessions.get(session)?.delayMs ?? 0;
    this.sessions.delete(session);
    for (const request of queueOf(this)) {
      if (request.session === session) this.endWait(request, cause, cause);
    }
    for (const hold of [...this.holds]) {
      if (hold.session === session) this.endHold(hold, cause, cause, delayMs);
    }
    this.requests = this.requests.filter((request) => request.session !== session);
    this.handOn();
    this.endCircles();
    this.endConversions();
    this.forgetSemaphores();
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let next = this.nextDue(); next.atMs <= endMs; next = this.nextDue()) {
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
      this.handOn();
      this.endCircles();
      this.endConversions();
      this.forgetSemaphores();
    }
    this.nowMs = endMs;
  }

  find(name: string): NaiveRequest | undefined {
    return this.requests.find((request) => request.name === name);
  }

  ownHolds(asked: NaiveHolder): NaiveHold[] {
    return this.holds.filter((hold) => hold.lock === asked.lock && isSame(hold, asked));
  }

  /** The oldest of those with which this owner waits for this lock. */
  waitsFor(asked: NaiveHolder): NaiveRequest | undefined {
    return this.requests.find(
      (request) =>
        request.state === 'queued' &&
        isSame(request, asked) &&
        request.items.some(({ lock }) => lock === asked.lock),
    );
  }

  answerAgain(request: NaiveRequest): string {
    switch (request.state) {
      case 'queued': {
        const places = request.items.map(({ lock }) => queueAt(this, lock).indexOf(request) + 1);
        return `queued ${Math.max(...places)}`;
      }
      case 'granted': {
        const grants = request.items.map(({ lock, mode, fence }) => `${lock}:${mode}:${fence}`);
        return `granted ${grants.join()}`;
      }
      default:
        return `finished ${request.state}`;
    }
  }

  grant(request: NaiveRequest, waited: boolean): void {
    if (request.kind === 'conversion') return this.change(request);
    request.state = 'granted';
    request.holdUntilMs = this.nowMs + request.maxHoldMs;
    if (waited) request.claimUntilMs = this.nowMs + request.claimMs;
    for (const item of request.items) {
      item.fence = this.fence += 1n;
      const { session, owner, name } = request;
      const { fence } = item;
      const terms = { sinceMs: this.nowMs, breakAtMs: Infinity };
      this.holds.push({ ...item, session, owner, requests: [name], fence, ...terms });
      this.tell('lock.granted', request, item.lock, fence);
    }
  }

  /** Gives everybody who waits what fits by now. */
  handOn(): void {
    for (;;) {
      const fitting = queueOf(this).filter((wait) => obstaclesOf(this, wait).length === 0);
      const told = this.order.find((name) => fitting.some((wait) => wait.name === name));
      const next = fitting.find(({ name }) => name === told) ?? fitting[0];
      if (next === undefined) return;
      this.grant(next, true);
    }
  }

  /** An owner that has given something up may wait for itself without having asked for anything. */
  endCircles(): void {
    for (;;) {
      const mayGo = queueOf(this).flatMap((wait) => circlesOf(this, wait).flat());
      const victim = mayGo.find(({ name }) => name === this.victims[0]) ?? mayGo[0];
      if (victim === undefined) return;
      this.victims = this.victims.filter((name) => name !== victim.name);
      this.endWait(victim, 'deadlock', 'deadlock');
      this.handOn();
    }
  }

  endHold(hold: NaiveHold, cause: string, state: string, sessionDelayMs?: number): void {
    const delayMs = sessionDelayMs ?? this.sessions.get(hold.session)?.delayMs ?? 0;
    const request = this.find(hold.requests[0] ?? '');
    const untilMs = Math.max(
      LOST.includes(cause) ? this.nowMs + delayMs : 0,
      hold.sinceMs + (request?.minHoldMs ?? 0),
    );
    this.holds = this.holds.filter((each) => each !== hold);
    this.delay(hold.lock, hold.mode, untilMs);
    for (const lock of above(hold.lock)) this.delay(lock, intentOf(hold.mode), untilMs);
    for (const wait of queueOf(this)) {
      if (wait.converts === hold.fence) this.endWait(wait, cause, 'cancelled');
    }
    if (request !== undefined) this.tell(`lock.released ${cause}`, request, hold.lock, hold.fence);
    for (const name of hold.requests) {
      if (!this.holds.some(({ requests }) => requests.includes(name))) this.finish(name, state);
    }
  }

  endWait(request: NaiveRequest, cause: string, state: string): void {
    this.finish(request.name, state);
    const kind = state === 'timed-out' ? state : `cancelled ${cause}`;
    for (const { lock } of request.items) this.tell(`lock.${kind}`, request, lock);
  }

  /** A grant, with everything that it still holds; one on top of another holds nothing by itself. */
  endRequest(request: NaiveRequest, cause: string, state: string): void {
    for (const hold of [...this.holds]) {
      if (hold.requests[0] === request.name) this.endHold(hold, cause, state);
      hold.requests = hold.requests.filter((name) => name !== request.name);
    }
    this.finish(request.name, state);
  }

  finish(name: string, state: string): void {
    const request = this.find(name);
    if (request === undefined) return;
    request.state = state;
    request.holdUntilMs = Infinity;
    request.claimUntilMs = Infinity;
  }

  /** A semaphore that nobody uses, waits for, or has set, has no limit. */
  forgetSemaphores(): void {
    for (const [lock, { pinned }] of this.semaphores) {
      const wanted = queueOf(this).some(({ items }) =>
        items.some((item) => item.lock === lock && item.mode === 'permit'),
      );
      if (!pinned && !wanted && usedPermits(this, lock) === 0) this.semaphores.delete(lock);
    }
  }

  /** A conversion lasts as long as the fence that it has given. */
  endConversions(): void {
    for (const { kind, state, name, items } of this.requests) {
      const isHeld = this.holds.some(({ fence }) => fence === items[0]?.fence);
      if (kind === 'conversion' && state === 'granted' && !isHeld) this.finish(name, 'released');
    }
  }

  tell(kind: string, { name }: NaiveRequest, lock: string, fence?: bigint): void {
    this.events.push(`${kind} ${name} ${lock}${fence === undefined ? '' : ` ${fence}`}`);
  }

  /** What is held in one mode is held in another; a stronger one is a grant of its own. */
  private change(request: NaiveRequest): void {
    const [item] = request.items;
    const hold = this.holds.find(({ fence }) => fence === request.converts);
    if (item === undefined || hold === undefined) throw new Error(`${request.name} has no hold`);
    request.state = 'granted';
    if (!covers(hold.mode, item.mode)) {
      hold.fence = this.fence += 1n;
      hold.sinceMs = this.nowMs;
      this.holds.sort((a, b) => (a.fence < b.fence ? -1 : 1));
    }
    hold.mode = item.mode;
    item.fence = hold.fence;
    for (const each of this.requests.filter(({ name }) => hold.requests.includes(name))) {
      each.items = each.items.map((own) => (own.lock === item.lock ? { ...item } : own));
    }
    this.tell('lock.converted', request, item.lock, hold.fence);
  }

  private delay(lock: string, mode: Mode, untilMs: number): void {
    if (untilMs <= this.nowMs) return;
    const running = this.delays.find((each) => each.lock === lock && each.mode === mode);
    if (running === undefined) this.delays.push({ lock, mode, untilMs });
    else running.untilMs = Math.max(running.untilMs, untilMs);
  }

  /** Deadlines in the order of the timers: by time, then by kind, each in order of its key; sessions come last. */
  private nextDue(): Due {
    const never: Due = { atMs: Infinity, key: '', run: () => undefined };
    const due: Due[] = [
      ...this.holds.map((hold) => ({
        atMs: hold.breakAtMs,
        key: `b${String(hold.fence).padStart(20, '0')}`,
        run: () => this.endHold(hold, 'broken', 'broken'),
      })),
      ...this.delays.map((delay) => ({
        atMs: delay.untilMs,
        key: `d${MODES.indexOf(delay.mode)}${delay.lock}`,
        run: () => void (this.delays = this.delays.filter((each) => each !== delay)),
      })),
      ...this.requests.flatMap((request) => this.dueOf(request)),
      ...[...this.sessions].map(([id, { deadlineMs }]) => ({
        atMs: deadlineMs,
        key: `z${id.padStart(20, '0')}`,
        run: () => this.endSession(id, 'session-expired'),
      })),
    ];
    const isBefore = (a: Due, b: Due): boolean =>
      a.atMs < b.atMs || (a.atMs === b.atMs && a.key < b.key);
    return due.reduce((first, each) => (isBefore(each, first) ? each : first), never);
  }

  private dueOf(request: NaiveRequest): Due[] {
    const { name, claimUntilMs, holdUntilMs } = request;
    const claim = (): void => this.endRequest(request, 'unclaimed', 'unclaimed');
    const hold = (): void => this.endRequest(request, 'max-hold', 'expired');
    const wait = (): void => this.endWait(request, '', 'timed-out');
    const waitUntilMs = request.state === 'queued' ? request.waitUntilMs : Infinity;
    return [
      { atMs: claimUntilMs, key: `c${name}`, run: claim },
      { atMs: holdUntilMs, key: `m${name}`, run: hold },
      { atMs: waitUntilMs, key: `w${name}`, run: wait },
    ];
  }
}
