import {
  CancelledError,
  LockHeldError,
  OutcomeUnknownError,
  ProblemError,
  WaitTimeoutError,
} from './errors';
import type { Reply } from './exchange';
import { Grants, type RequestState } from './grants';
import { Lock, type LockMode, type ReleaseOutcome } from './lock';
import type { Operation, PushedEvent } from './protocol';
import type { CallOptions, ReadOptions, Requester } from './requester';

const SERVICE = 'locks';
/** One long poll; it is repeated while the request waits. */
const POLL_MS = 10_000;
/** A grant not pushed for so long is asked for: pushes are quick, not sure. */
const ASK_AFTER_MS = 5_000;

export interface AcquireOptions extends CallOptions {
  readonly mode?: LockMode;
  /** Tells apart the tasks of one session that lock on their own. */
  readonly owner?: string;
  /** How long to wait in the queue, in the group's time. Left out: as long as the session lives. */
  readonly waitMs?: number;
  /** For people who look who holds it. */
  readonly note?: string;
}

/** `released`: it had been granted. `timed-out`: it had ended by itself. */
export type CancelOutcome = 'cancelled' | 'released' | 'timed-out';

export interface LockHolder {
  readonly session: string;
  readonly owner: string;
  readonly mode: LockMode;
  readonly fence: string;
  /** How long it has held, and at least will. */
  readonly sinceMs: number;
  readonly expiresInMs: number;
  readonly note: string;
}

export interface LockWaiter {
  readonly request: string;
  readonly session: string;
  readonly owner: string;
  readonly mode: LockMode;
  readonly position: number;
}

export interface LockView {
  readonly name: string;
  readonly holders: readonly LockHolder[];
  readonly waiters: readonly LockWaiter[];
}

/** What the locks need of their session: they name their requests before they send them. */
export interface LockSession extends Requester {
  readonly id: string;
  readonly signal: AbortSignal;
  remainingMs(): number;
  nextRequestNumber(): Promise<number>;
  requestName(requestNumber: number): string;
  mutateAs(
    requestNumber: number,
    service: string,
    op: Operation,
    options?: CallOptions,
  ): Promise<Reply>;
}

/** The locks of one session. */
export class Locks {
  readonly #session: LockSession;
  readonly #grants = new Grants();

  constructor(session: LockSession) {
    this.#session = session;
  }

  /**
   * Takes the lock, waiting in the group's queue for as long as `waitMs` says. An abort leaves the queue again.
   * Rejects with `LockHeldError` (`waitMs` 0), `WaitTimeoutError`, `CancelledError`, `SessionExpiredError`,
   * `ProblemError`, `NoPrimaryError`; `OutcomeUnknownError` when the group could not be reached, and then the lock
   * may yet be granted: `cancel` the request, or `retry()`.
   */
  async acquire(name: string, options: AcquireOptions = {}): Promise<Lock> {
    const { mode = 'exclusive', owner, waitMs, note, timeoutMs, signal } = options;
    const requestNumber = await this.#session.nextRequestNumber();
    const request = this.#session.requestName(requestNumber);
    const granted = this.#grants.wait(request);
    const op = without({ kind: 'acquire', lock: name, mode, owner, waitMs, note });
    try {
      const call = without({ timeoutMs, signal }) as CallOptions;
      const reply = await this.#session.mutateAs(requestNumber, SERVICE, op, call);
      const answer = reply.result as RequestState;
      if (answer.state === 'granted') return this.#lockOf(name, answer, reply.op, owner);
      this.#grants.tell(answer);
      const end = await this.#waitFor(granted, request, signal);
      return this.#lockOf(name, end, end.event?.replace('-', '.'), owner);
    } catch (error) {
      if (signal?.aborted === true) this.#leave(request);
      throw asLockError(error);
    } finally {
      this.#grants.forget(request);
    }
  }

  /** The lock if nobody has it and nobody waits for it, null else. */
  async tryAcquire(
    name: string,
    options: Omit<AcquireOptions, 'waitMs'> = {},
  ): Promise<Lock | null> {
    try {
      return await this.acquire(name, { ...options, waitMs: 0 });
    } catch (error) {
      if (error instanceof LockHeldError) return null;
      throw error;
    }
  }

  /** Gives the lock up, or what `owner` waits for it when there is no fence. Said twice it does no more. */
  async release(
    name: string,
    grant: { readonly fence?: bigint; readonly owner?: string } = {},
    options: CallOptions = {},
  ): Promise<ReleaseOutcome> {
    const { fence, owner } = grant;
    const op = without({ kind: 'release', lock: name, owner, fence: fence?.toString() });
    const { result } = await this.#session.mutate(SERVICE, op, options);
    return (result as { outcome: ReleaseOutcome }).outcome;
  }

  /** Undoes an acquire by the name of its request, whether it waits or was granted meanwhile. */
  async cancel(request: string, options: CallOptions = {}): Promise<CancelOutcome> {
    const { result } = await this.#session.mutate(SERVICE, { kind: 'cancel', request }, options);
    return (result as { outcome: CancelOutcome }).outcome;
  }

  /** Who holds the lock and who waits for it, in order. */
  async inspect(name: string, options: ReadOptions = {}): Promise<LockView> {
    const query = { kind: 'lock', lock: name };
    return (await this.#session.read(SERVICE, query, options)).result as LockView;
  }

  async requestState(
    request: string,
    options: ReadOptions & { readonly waitMs?: number } = {},
  ): Promise<RequestState> {
    const query = { kind: 'request', request };
    return (await this.#session.read(SERVICE, query, options)).result as RequestState;
  }

  onEvent(event: PushedEvent): void {
    const request = event['request'];
    if (typeof request !== 'string') return;
    const state = STATE_OF[event.kind];
    if (state !== undefined) {
      this.#grants.tell({ ...(event as unknown as RequestState), request, state });
    }
  }

  /** Grants may have been pushed while nobody listened. */
  reconnected(): void {
    for (const request of this.#grants.names()) void this.#poll(request);
  }

  async #waitFor(
    granted: Promise<RequestState>,
    request: string,
    signal: AbortSignal | undefined,
  ): Promise<RequestState> {
    const askLater = setInterval(() => void this.#poll(request), ASK_AFTER_MS);
    const fail = (event: Event): void => {
      this.#grants.fail(request, (event.target as AbortSignal).reason);
    };
    const ends = [this.#session.signal, ...(signal === undefined ? [] : [signal])];
    for (const end of ends) {
      if (end.aborted) this.#grants.fail(request, end.reason);
      end.addEventListener('abort', fail, { once: true });
    }
    try {
      return await granted;
    } finally {
      clearInterval(askLater);
      for (const end of ends) end.removeEventListener('abort', fail);
    }
  }

  /** Until it waits no more: the state first, then a long poll for its change. (decision 14) */
  async #poll(request: string): Promise<void> {
    if (this.#polling.has(request)) return;
    this.#polling.add(request);
    try {
      while (this.#grants.isWaiting(request)) {
        const options = { waitMs: POLL_MS, timeoutMs: 3 * POLL_MS };
        this.#grants.tell(await this.requestState(request, options));
      }
    } catch (error) {
      // `unknown-request` comes before the acquire itself has arrived; its own answer tells what to do.
      if (!(error instanceof ProblemError)) this.#grants.fail(request, error);
    } finally {
      this.#polling.delete(request);
    }
  }
  readonly #polling = new Set<string>();

  /** Nobody wants the lock now: not to wait for it, nor to be granted it later. */
  #leave(request: string): void {
    this.cancel(request).catch(() => undefined);
  }

  #lockOf(
    name: string,
    state: RequestState,
    op: string | undefined,
    owner: string | undefined,
  ): Lock {
    if (state.state === 'timed-out') throw new WaitTimeoutError(name, state.request);
    if (state.state !== 'granted') throw new CancelledError(name, state.request, state.state);
    return new Lock(name, { ...state, op }, this.#session, (fence, options) =>
      this.release(name, without({ fence, owner }), options),
    );
  }
}

const STATE_OF: Readonly<Record<string, string>> = {
  'lock.granted': 'granted',
  'lock.timed-out': 'timed-out',
  'lock.lost': 'expired',
};

function asLockError(error: unknown): unknown {
  if (error instanceof OutcomeUnknownError || !(error instanceof ProblemError)) return error;
  return error.code === 'lock-held' ? new LockHeldError(error.problem) : error;
}

/** The fields that are there: an absent field and one set to nothing are not the same on the wire. */
function without<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
