import {
  connect,
  LockstepError,
  NoPrimaryError,
  OutcomeUnknownError,
  ProblemError,
  SessionExpiredError,
  type Client,
  type Lock,
  type Session,
} from '@lockstep/client';
import { nowMs, pause } from '../clock';
import { readPlace } from '../history/place';
import { done, refused, type Fate } from './caller';
import type { LockSession, Wanted } from './lock-session';

const CALL_MS = 30_000;
const RETRIES_MAX = 5;

/** A session of our client: it renews itself, and its locks know when they are lost. */
export class ChannelLockSession implements LockSession {
  readonly id: string;
  readonly #client: Client;
  readonly #session: Session;
  readonly #locks = new Map<string, Lock>();
  #sureUntilMs = 0;

  private constructor(client: Client, session: Session) {
    this.#client = client;
    this.#session = session;
    this.id = session.id;
    this.#sureUntilMs = nowMs() + session.remainingMs();
  }

  static async open(
    name: string,
    urls: readonly string[],
    ttlMs: number,
  ): Promise<ChannelLockSession | undefined> {
    let client: Client | undefined;
    try {
      client = await connect({ endpoints: urls, timeoutMs: CALL_MS });
      return new ChannelLockSession(client, await client.openSession({ ttlMs, name }));
    } catch {
      client?.abandon();
      return undefined;
    }
  }

  get sureUntilMs(): number {
    const leftMs = this.#session.remainingMs();
    if (leftMs > 0) this.#sureUntilMs = Math.max(this.#sureUntilMs, nowMs() + leftMs);
    return this.#sureUntilMs;
  }

  get isOver(): boolean {
    return this.#session.signal.aborted;
  }

  async acquire({ lock, owner, mode, waitMs }: Wanted): Promise<Fate> {
    return this.#known(
      () => this.#session.locks.acquire(lock, { owner, mode, waitMs }),
      (held) => {
        this.#locks.set(owner, held as Lock);
        return done({ fence: (held as Lock).fence.toString() }, readPlace((held as Lock).op));
      },
    );
  }

  async release({ owner }: Wanted): Promise<Fate> {
    const lock = this.#locks.get(owner);
    this.#locks.delete(owner);
    if (lock === undefined) return undefined;
    return this.#known(
      () => lock.release(),
      (outcome) => done({ outcome }, undefined),
    );
  }

  async close(): Promise<boolean> {
    if (this.isOver) return false;
    try {
      await this.#session.close();
      return true;
    } catch {
      return false;
    } finally {
      this.#client.abandon();
    }
  }

  abandon(): void {
    this.#client.abandon();
  }

  async #known(ask: () => Promise<unknown>, read: (value: unknown) => Fate): Promise<Fate> {
    let asking = ask;
    for (let attempt = 0; attempt < RETRIES_MAX; attempt += 1) {
      try {
        return read(await asking());
      } catch (error) {
        if (error instanceof OutcomeUnknownError) return undefined;
        if (error instanceof NoPrimaryError) {
          await pause(100);
          asking = ask;
          continue;
        }
        if (error instanceof SessionExpiredError || !(error instanceof LockstepError))
          return undefined;
        if (error instanceof ProblemError) return refused(error.code, undefined);
        // `wait-timeout` and its kind: the request has ended without a grant.
        return error.code === 'wait-timeout' ? refused(error.code, undefined) : undefined;
      }
    }
    return 'never';
  }
}
