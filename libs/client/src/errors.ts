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

/** Somebody else has the lock and the caller did not want to wait. */
export class LockHeldError extends ProblemError {
  /** Who holds it, as the group tells: session, owner, mode, fence, note. */
  readonly holder: unknown;
  readonly queueLength: number;

  constructor(problem: Problem) {
    super(problem);
    this.holder = problem['holder'];
    this.queueLength = Number(problem['queueLength'] ?? 0);
  }
}

/** The caller's `waitMs` ran out in the queue. He holds nothing, and waits no more. */
export class WaitTimeoutError extends LockstepError {
  readonly request: string;

  constructor(lock: string, request: string) {
    super('wait-timeout', `${lock} did not become free in time`);
    this.request = request;
  }
}

/** The request was cancelled, by another call or with its session, before it was granted. */
export class CancelledError extends LockstepError {
  readonly request: string;

  constructor(lock: string, request: string, state: string) {
    super('request-ended', `the request for ${lock} has ended: ${state}`);
    this.request = request;
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
