import type { Problem } from './protocol';

/** What everything thrown here is: `code` is stable and made for switching on, the message for people. */
export class LockstepError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The group turned the request down; it has changed nothing unless `code` says otherwise. */
export class ProblemError extends LockstepError {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code, problem.detail ?? problem.title ?? problem.code);
    this.problem = problem;
  }
}

/** The lock is not to be had now, and the caller did not want to wait: `code` says why. */
export class LockHeldError extends ProblemError {
  /** Who holds it, as the group tells: session, owner, mode, fence, note. Undefined when nobody does just now. */
  readonly holder: unknown;
  readonly queueLength: number;

  constructor(problem: Problem) {
    super(problem);
    this.holder = problem['holder'];
    this.queueLength = Number(problem['queueLength'] ?? 0);
  }
}

/** To wait would have closed a circle of owners, each of which waits for the next. The caller waits no more. */
export class DeadlockError extends ProblemError {
  /** The owners from the caller on, with the lock that each waits for. */
  readonly cycle: readonly DeadlockStep[];

  constructor(problem: Problem) {
    super(problem);
    this.cycle = (problem['cycle'] ?? []) as readonly DeadlockStep[];
  }
}

export interface DeadlockStep {
  readonly session: string;
  readonly owner: string;
  readonly lock: string;
  readonly mode: string;
}

/** A lock that was held is held no more, and the caller did not give it back. */
export class LockLostError extends LockstepError {
  readonly lock: string;
  readonly fence: bigint;
  override readonly cause: LockLoss;

  constructor(lock: string, fence: bigint, cause: LockLoss) {
    super('lock-lost', `${lock} under fence ${fence} is lost: ${cause}`);
    this.lock = lock;
    this.fence = fence;
    this.cause = cause;
  }
}

/** `not-held`: the group does not know it any more, and the word of why has not reached this client. */
export type LockLoss =
  'max-hold' | 'broken' | 'unclaimed' | 'session-expired' | 'session-closed' | 'not-held';

/** The caller's `waitMs` ran out in the queue. He holds nothing, and waits no more. */
export class WaitTimeoutError extends LockstepError {
  readonly request: string;

  constructor(lock: string, request: string) {
    super('wait-timeout', `${lock} did not become free in time`);
    this.request = request;
  }
}

/** The request has ended before it was granted: cancelled by another call, or the victim of a deadlock. */
export class CancelledError extends LockstepError {
  readonly request: string;
  /** How it ended: `cancelled`, `released`, `deadlock`, `unclaimed` ... */
  readonly state: string;

  constructor(lock: string, request: string, state: string) {
    super('request-ended', `the request for ${lock} has ended: ${state}`);
    this.request = request;
    this.state = state;
  }
}

/**
 * The session has ended, or may have: with it all that it held. `cause` is `session-expired` when the group said so,
 * `lease-uncertain` when the client could not renew in time and must assume it, `session-closed` after `close()`.
 */
export class SessionExpiredError extends LockstepError {
  readonly session: string;
  override readonly cause: SessionLoss;

  constructor(session: string, cause: SessionLoss) {
    super('session-expired', `session ${session} is over: ${cause}`);
    this.session = session;
    this.cause = cause;
  }
}

export type SessionLoss = 'session-expired' | 'lease-uncertain' | 'session-closed';

/** No replica took the request before its deadline. It was never sent: nothing has changed. */
export class NoPrimaryError extends LockstepError {
  constructor(message = 'no replica could take the request in time') {
    super('no-primary', message);
  }
}

/**
 * The request was sent and its deadline passed without an answer: it may have happened, or may yet. `retry()` asks
 * again under the same name, so that it happens once whatever became of the first try.
 */
export class OutcomeUnknownError extends LockstepError {
  /** The request's name, for the log. */
  readonly request: string;
  readonly retry: () => Promise<unknown>;

  constructor(request: string, retry: () => Promise<unknown>) {
    super('outcome-unknown', `request ${request} was sent; its outcome is not known`);
    this.request = request;
    this.retry = retry;
  }
}

/** The client was closed. */
export class ClosedError extends LockstepError {
  constructor() {
    super('client-closed', 'this client is closed');
  }
}
