import { setMaxListeners } from 'node:events';
import { Counters } from './counters';
import {
  NoPrimaryError,
  OutcomeUnknownError,
  ProblemError,
  SessionExpiredError,
  type SessionLoss,
} from './errors';
import { Unanswered, type Exchange, type Reply } from './exchange';
import { Files } from './files';
import { LeaseDeadline, momentOf, type Moment } from './lease-deadline';
import { Locks } from './locks';
import type { Operation, PushedEvent } from './protocol';
import { RequestNumbers } from './request-numbers';
import {
  askToRead,
  askUntilKnown,
  type Asked,
  type CallOptions,
  type PollOptions,
  type Requester,
} from './requester';

export interface SessionOptions {
  /** How long the session outlives its last renewal; at least 2,000. Default 15,000. */
  readonly ttlMs?: number;
  /** For people who look who holds what. */
  readonly name?: string;
  readonly metadata?: string;
  /** How long a lock stays shut after this session expired while holding it. Default 0. */
  readonly lockDelayMs?: number;
}

interface Opened {
  readonly id: string;
  readonly ttlMs: number;
}

/**
 * A session of the group: the client in the sense of the protocol, the holder of locks, the namer of requests.
 * It is kept alive until `close()`, or until the group can't be reached for its ttl.
 */
export class Session implements Requester, AsyncDisposable {
  readonly id: string;
  readonly ttlMs: number;
  readonly locks: Locks;
  readonly files: Files;
  readonly counters: Counters;

  readonly #exchange: Exchange;
  readonly #timeoutMs: number;
  readonly #numbers = new RequestNumbers();
  readonly #waitingForRoom: (() => void)[] = [];
  readonly #deadline: LeaseDeadline;
  readonly #loss = new AbortController();
  readonly #renewing: ReturnType<typeof setInterval>;
  readonly #forget: (session: Session) => void;

  constructor(
    opened: Opened,
    sentAt: Moment,
    context: { exchange: Exchange; timeoutMs: number; forget: (session: Session) => void },
  ) {
    this.id = opened.id;
    this.ttlMs = opened.ttlMs;
    this.#exchange = context.exchange;
    this.#timeoutMs = context.timeoutMs;
    this.#forget = context.forget;
    this.#deadline = new LeaseDeadline(opened.ttlMs, sentAt);
    this.#renewing = setInterval(() => void this.renew(), opened.ttlMs / 3);
    this.#renewing.unref();
    // Each request that waits listens for the end of the session.
    setMaxListeners(Infinity, this.#loss.signal);
    this.locks = new Locks(this);
    this.files = new Files(this);
    this.counters = new Counters(this);
  }

  /** Aborts with `SessionExpiredError` when the session is over, or may be. */
  get signal(): AbortSignal {
    this.#checkDeadline();
    return this.#loss.signal;
  }

  /** For how long the session is surely alive if nothing more is heard; 0 when it is over, or may be. */
  remainingMs(): number {
    return this.#loss.signal.aborted ? 0 : this.#deadline.remainingMs();
  }

  mutate(service: string, op: Operation, options: CallOptions = {}): Promise<Reply> {
    const requestNumber = this.#numbers.take();
    return requestNumber === undefined
      ? this.#room().then(() => this.mutate(service, op, options))
      : this.mutateAs(requestNumber, service, op, options);
  }

  /** A number for a request whose name must be known before it is sent. Give it to `mutateAs`. */
  async nextRequestNumber(): Promise<number> {
    let requestNumber = this.#numbers.take();
    while (requestNumber === undefined) {
      await this.#room();
      requestNumber = this.#numbers.take();
    }
    return requestNumber;
  }

  async mutateAs(
    requestNumber: number,
    service: string,
    op: Operation,
    options: CallOptions & Asked = {},
  ): Promise<Reply> {
    try {
      // Not `this.signal`: three clocks are too dear for every request, and the group knows better than they.
      this.#loss.signal.throwIfAborted();
      const reply = await askUntilKnown(
        this.#exchange,
        this.requestName(requestNumber),
        () => ({
          service,
          op,
          session: this.id,
          requestNumber,
          ackedBelow: this.#numbers.ackedBelow,
        }),
        { timeoutMs: this.#timeoutMs, ...options },
      );
      this.#settle(requestNumber);
      return reply;
    } catch (error) {
      if (error instanceof ProblemError || error instanceof NoPrimaryError) {
        this.#settle(requestNumber);
        if (error.code === 'session-expired') throw this.#lose('session-expired');
        throw error;
      }
      this.#numbers.abandon(requestNumber);
      if (!(error instanceof OutcomeUnknownError)) throw error;
      // Asked again it must settle its number here.
      const { timeoutMs = this.#timeoutMs } = options;
      throw new OutcomeUnknownError(error.request, () =>
        this.mutateAs(requestNumber, service, op, { timeoutMs, wasSent: true }),
      );
    }
  }

  async read(service: string, query: Operation, options: PollOptions = {}): Promise<Reply> {
    return askToRead(
      this.#exchange,
      { service, query },
      { timeoutMs: this.#timeoutMs, ...options },
    );
  }

  /** The name under which the group knows a request of this session. (decision 29) */
  requestName(requestNumber: number): string {
    return `${this.id}#${requestNumber}`;
  }

  /** Asks for another ttl, now. Renewals come by themselves; they are also what makes a replica push events here. */
  async renew(): Promise<void> {
    if (this.signal.aborted) return;
    const sentAt = momentOf();
    try {
      await this.#exchange.ask({
        question: () => ({ keepAlive: this.id }),
        timeoutMs: Math.max(1, this.#deadline.remainingMs()),
        signal: this.#loss.signal,
      });
      this.#deadline.renewed(sentAt);
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'session-expired') {
        this.#lose('session-expired');
      } else if (error instanceof Unanswered) {
        this.#checkDeadline();
      }
    }
  }

  /** A new replica answers: it must learn of this session, and what was pushed meanwhile must be asked for. */
  reconnected(): void {
    // First the replica tells us what happens from now on, then we ask what has happened: nothing falls between the two.
    void this.renew().then(() => {
      this.locks.reconnected();
    });
  }

  onEvent(event: PushedEvent): void {
    if (event.kind === 'session.ended') this.#lose('session-expired');
    else this.locks.onEvent(event);
  }

  /** Ends the session; all that it holds is free at once. */
  async close(options: CallOptions = {}): Promise<void> {
    if (this.signal.aborted) return;
    clearInterval(this.#renewing);
    const requestNumber = await this.nextRequestNumber();
    const closing = this.mutateAs(
      requestNumber,
      'sessions',
      { kind: 'close', session: this.id },
      options,
    );
    try {
      await closing;
    } catch (error) {
      if (!(error instanceof SessionExpiredError)) throw error;
    } finally {
      this.#lose('session-closed');
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The client goes away without a word: the group will end the session when its ttl is over. */
  abandon(): void {
    this.#lose('session-closed');
  }

  #settle(requestNumber: number): void {
    this.#numbers.settle(requestNumber);
    this.#waitingForRoom.shift()?.();
  }

  #room(): Promise<void> {
    return new Promise((resolve) => this.#waitingForRoom.push(resolve));
  }

  #checkDeadline(): void {
    if (!this.#loss.signal.aborted && this.#deadline.remainingMs() === 0) {
      this.#lose('lease-uncertain');
    }
  }

  #lose(cause: SessionLoss): SessionExpiredError {
    const loss = new SessionExpiredError(this.id, cause);
    if (this.#loss.signal.aborted) return this.#loss.signal.reason as SessionExpiredError;
    clearInterval(this.#renewing);
    this.#loss.abort(loss);
    this.#forget(this);
    for (const wake of this.#waitingForRoom.splice(0)) wake();
    return loss;
  }
}
