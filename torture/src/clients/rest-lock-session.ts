import { nowMs, pause } from '../clock';
import { done, refused, type Caller, type Fate } from './caller';
import type { LockSession, Wanted } from './lock-session';

const HOLD_MS = 1_000;
const POLL_MS = 50;
const POLLS_MAX = 400;

/** A session kept alive by hand, over REST. */
export class RestLockSession implements LockSession {
  readonly id: string;
  readonly #ttlMs: number;
  readonly #caller: Caller;
  readonly #renewing: NodeJS.Timeout;
  #sureUntilMs: number;
  #isOver = false;

  private constructor(caller: Caller, id: string, ttlMs: number, sentMs: number) {
    this.#caller = caller;
    this.id = id;
    this.#ttlMs = ttlMs;
    this.#sureUntilMs = sureUntil(sentMs, ttlMs);
    this.#renewing = setInterval(() => void this.#renew(), ttlMs / 3);
  }

  static async open(caller: Caller, ttlMs: number): Promise<RestLockSession | undefined> {
    const sentMs = nowMs();
    const fate = await caller.change({
      service: 'sessions',
      kind: 'open',
      ttlMs,
      name: caller.name,
    });
    if (typeof fate !== 'object' || fate.kind !== 'done') return undefined;
    const { id } = fate.value as { readonly id: string };
    return new RestLockSession(caller, id, ttlMs, sentMs);
  }

  get sureUntilMs(): number {
    return this.#sureUntilMs;
  }

  get isOver(): boolean {
    if (nowMs() >= this.#sureUntilMs) this.#end();
    return this.#isOver;
  }

  async acquire({ lock, owner, mode, waitMs }: Wanted): Promise<Fate> {
    const question = { service: 'locks', kind: 'acquire', lock, session: this.id, owner, mode };
    const terms = { waitMs, holdMs: Math.min(waitMs, HOLD_MS) };
    // Said again under its own name it tells what has become of it; so a wait is a row of short ones.
    for (let poll = 0; poll < POLLS_MAX; poll += 1) {
      const fate = await this.#ask({ ...question, ...terms }, `${owner}/acquire`);
      if (typeof fate !== 'object' || fate.kind !== 'done') return fate;
      const { state, fence } = fate.value as { readonly state: string; readonly fence?: string };
      if (state === 'granted') return done({ fence }, fate.place);
      if (state === 'released') return undefined;
      if (state !== 'queued') return refused(state, undefined);
      await pause(POLL_MS);
    }
    return undefined;
  }

  release({ lock, owner }: Wanted, fence: string): Promise<Fate> {
    const question = { service: 'locks', kind: 'release', lock, session: this.id, owner, fence };
    return this.#ask(question, `${owner}/release`);
  }

  async close(): Promise<boolean> {
    const fate = await this.#ask(
      { service: 'sessions', kind: 'close', session: this.id },
      `${this.id}/close`,
    );
    this.#end();
    return typeof fate === 'object' && fate.kind === 'done';
  }

  abandon(): void {
    this.#end();
  }

  async #ask(question: Parameters<Caller['change']>[0], key: string): Promise<Fate> {
    const fate = await this.#caller.change(question, { key });
    if (typeof fate === 'object' && fate.kind === 'refused' && fate.code === 'session-expired')
      this.#end();
    return fate;
  }

  async #renew(): Promise<void> {
    const sentMs = nowMs();
    const fate = await this.#caller.change({
      service: 'sessions',
      kind: 'keepalive',
      session: this.id,
    });
    if (this.#isOver || typeof fate !== 'object') return;
    if (fate.kind === 'refused') this.#end();
    else this.#sureUntilMs = Math.max(this.#sureUntilMs, sureUntil(sentMs, this.#ttlMs));
  }

  #end(): void {
    clearInterval(this.#renewing);
    this.#isOver = true;
  }
}

/** From the moment of the asking: the group counts from a later one. Clocks may differ by 1 %. (locks.md, client side rules) */
const sureUntil = (sentMs: number, ttlMs: number): number => sentMs + ttlMs * 0.98;
