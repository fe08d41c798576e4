import { LockLostError, type LockLoss, type SessionExpiredError } from './errors';
import type { GrantedLock } from './grants';

/** What a hold needs of the session that holds it. */
export interface HoldingSession {
  readonly signal: AbortSignal;
  remainingMs(): number;
}

/** Somebody wants it: the group takes it away after this. */
export interface BreakRequest {
  readonly by: string;
  readonly reason: string;
  readonly leftMs: number;
}

export type BreakListener = (request: BreakRequest) => void;

/** Something of the group that is held under a fence, until it is given back or lost. */
export class Hold {
  /** The name of the request that it was granted to. */
  readonly request: string;
  /** `<op>.<index>` of the grant, when the group told it; a grant learned by asking again has none. */
  readonly op: string | undefined;
  readonly #session: HoldingSession;
  readonly #onBreak: BreakListener | undefined;
  #grant: GrantedLock;
  #loss: LockLostError | undefined;
  #lost: AbortController | undefined;
  #signal: AbortSignal | undefined;

  constructor(
    granted: { readonly request: string; readonly op: string | undefined },
    grant: GrantedLock,
    session: HoldingSession,
    onBreak?: BreakListener,
  ) {
    this.request = granted.request;
    this.op = granted.op;
    this.#grant = grant;
    this.#session = session;
    this.#onBreak = onBreak;
  }

  /** Rises with every grant of any lock of the group. */
  get fence(): bigint {
    return BigInt(this.#grant.fence);
  }

  /**
   * The grant as a text, to be shown to others. This one proves it to whom asks `POST /v1/sequencers/check`;
   * `signedSequencer()` one that `verifySequencer` verifies without asking.
   */
  get sequencer(): string {
    return this.#grant.sequencer;
  }

  /** Aborts with `LockLostError` when it is lost, with `SessionExpiredError` when its session is over, or may be. */
  get signal(): AbortSignal {
    const session = this.#session.signal;
    if (this.#signal === undefined) {
      this.#lost = new AbortController();
      if (this.#loss !== undefined) this.#lost.abort(this.#loss);
      this.#signal = AbortSignal.any([session, this.#lost.signal]);
    }
    return this.#signal;
  }

  /** For how long it is surely held if nothing more is heard. Local, conservative; not counting a maximal hold. */
  remainingMs(): number {
    return this.#loss === undefined ? this.#session.remainingMs() : 0;
  }

  /** Throws when it is or may be lost. It looks at the clocks, not only at events. */
  assertHeld(): void {
    if (this.#loss !== undefined) throw this.#loss;
    const { signal } = this.#session;
    if (signal.aborted) throw signal.reason as SessionExpiredError;
  }

  /** The lock as the group names it, and how it is held. */
  protected get grant(): GrantedLock {
    return this.#grant;
  }

  /** It is held in another way from now on. */
  regrant(grant: GrantedLock): void {
    this.#grant = grant;
  }

  /** The group says, or must be taken to say, that it is held no more. */
  lose(cause: LockLoss): void {
    this.#loss ??= new LockLostError(this.#grant.lock, this.fence, cause);
    this.#lost?.abort(this.#loss);
  }

  askedToGiveUp(request: BreakRequest): void {
    this.#onBreak?.(request);
  }
}
