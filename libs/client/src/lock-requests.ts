import { DeadlockError, LockHeldError, OutcomeUnknownError, ProblemError } from './errors';
import type { Reply } from './exchange';
import { without } from './fields';
import { Grants, type RequestState } from './grants';
import type { Operation, PushedEvent } from './protocol';
import type { CallOptions, ReadOptions, Requester } from './requester';

export const LOCKS_SERVICE = 'locks';
/** One long poll; it is repeated while the request waits. */
const POLL_MS = 10_000;
/** A grant not pushed for so long is asked for: pushes are quick, not sure. */
const ASK_AFTER_MS = 5_000;

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

/** `released`: it had been granted. Any other word: it had ended by itself. */
export type CancelOutcome =
  'cancelled' | 'released' | 'timed-out' | 'expired' | 'broken' | 'unclaimed' | 'deadlock' | 'left';

/** The end of a wait, and its place in the order when the group told it. */
export type RequestEnd = RequestState & { readonly op: string | undefined };

/** Requests of one session that may have to wait in the group, each until it waits no more. */
export class LockRequests {
  readonly session: LockSession;
  readonly #grants = new Grants();
  readonly #polling = new Set<string>();

  constructor(session: LockSession) {
    this.session = session;
  }

  /**
   * Asks, and waits for the end of the wait: granted, or how else it ended. An abort leaves the queue again. A grant
   * that must be claimed is claimed.
   */
  async ask(op: Operation, options: CallOptions): Promise<RequestEnd> {
    const { signal } = options;
    const requestNumber = await this.session.nextRequestNumber();
    const request = this.session.requestName(requestNumber);
    const granted = this.#grants.wait(request);
    try {
      const reply = await this.session.mutateAs(requestNumber, LOCKS_SERVICE, op, options);
      const answer = reply.result as RequestState;
      if (answer.state !== 'queued') {
        return await this.#taken({ ...answer, op: reply.op }, answer.claimLeftMs !== undefined);
      }
      const end = await this.#waitFor(granted, request, signal);
      const place = end.event?.replace('-', '.');
      return await this.#taken({ ...end, op: place }, op['claimMs'] !== undefined);
    } catch (error) {
      if (signal?.aborted === true) this.#leave(request);
      throw asLockError(error);
    } finally {
      this.#grants.forget(request);
    }
  }

  /** Undoes a request by its name, whether it waits or was granted meanwhile. */
  async cancel(request: string, options: CallOptions = {}): Promise<CancelOutcome> {
    const op = { kind: 'cancel', request };
    const { result } = await this.session.mutate(LOCKS_SERVICE, op, options);
    return (result as { outcome: CancelOutcome }).outcome;
  }

  async state(
    request: string,
    options: ReadOptions & { readonly waitMs?: number } = {},
  ): Promise<RequestState> {
    const query = { kind: 'request', request };
    return (await this.session.read(LOCKS_SERVICE, query, options)).result as RequestState;
  }

  onEvent(event: PushedEvent): void {
    const request = event['request'];
    const state = STATE_OF[event.kind];
    if (typeof request !== 'string' || state === undefined) return;
    this.#grants.tell({ ...(event as unknown as RequestState), request, state });
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
    const ends = [this.session.signal, ...(signal === undefined ? [] : [signal])];
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
        this.#grants.tell(await this.state(request, options));
      }
    } catch (error) {
      // `unknown-request` comes before the request itself has arrived; its own answer tells what to do.
      if (!(error instanceof ProblemError)) this.#grants.fail(request, error);
    } finally {
      this.#polling.delete(request);
    }
  }

  /** The group passes on what nobody claims in time. Who is too late learns it here. */
  async #taken(end: RequestEnd, mustClaim: boolean): Promise<RequestEnd> {
    if (!mustClaim || end.state !== 'granted') return end;
    const op = { kind: 'claim', request: end.request };
    const { result } = await this.session.mutate(LOCKS_SERVICE, op);
    const { outcome } = result as { outcome: string };
    return outcome === 'claimed' ? end : { ...end, state: outcome };
  }

  /** Nobody wants it now: not to wait for it, nor to be granted it later. */
  #leave(request: string): void {
    this.cancel(request).catch(() => undefined);
  }
}

const STATE_OF: Readonly<Record<string, string>> = {
  'lock.granted': 'granted',
  'lock.converted': 'granted',
  'lock.timed-out': 'timed-out',
  'lock.cancelled': 'deadlock',
  'lock.lost': 'expired',
  'barrier.passed': 'granted',
};

/** Why a lock is not to be had now. */
const NOT_NOW = new Set(['lock-held', 'lock-waited', 'lock-delay']);

function asLockError(error: unknown): unknown {
  if (error instanceof OutcomeUnknownError || !(error instanceof ProblemError)) return error;
  if (error.code === 'deadlock') return new DeadlockError(error.problem);
  return NOT_NOW.has(error.code) ? new LockHeldError(error.problem) : error;
}

/** An owner and his fence, as operations of a holder name them. */
export const heldBy = (owner: string | undefined, fence: bigint | undefined) =>
  without({ owner, fence: fence?.toString() });
