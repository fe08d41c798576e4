import { LockHeldError } from './errors';
import { without } from './fields';
import type { Lock } from './lock';
import type { GrantOptions } from './grant-options';
import { LOCKS_SERVICE } from './lock-requests';
import type { LockView, SemaphoreState } from './lock-view';
import type { CallOptions, ReadOptions, Requester } from './requester';

type Acquire = (item: object, options: GrantOptions) => Promise<Lock>;

/** A lock that so many may hold at once. */
export class Semaphore {
  readonly name: string;
  readonly #limit: number | undefined;
  readonly #requester: Requester;
  readonly #acquire: Acquire;

  constructor(name: string, limit: number | undefined, requester: Requester, acquire: Acquire) {
    this.name = name;
    this.#limit = limit;
    this.#requester = requester;
    this.#acquire = acquire;
  }

  /** So many permits under one fence; `release` gives all of them back. Rejects as `Locks.acquire` does. */
  acquire(permits = 1, options: GrantOptions = {}): Promise<Lock> {
    const limit = this.#limit;
    return this.#acquire(without({ lock: this.name, mode: 'permit', permits, limit }), options);
  }

  /** Null when there are not so many now, or others wait. */
  async tryAcquire(permits = 1, options: Omit<GrantOptions, 'waitMs'> = {}): Promise<Lock | null> {
    return orNull(this.acquire(permits, { ...options, waitMs: 0 }));
  }

  /** How many permits there are from now on, whoever uses them; undefined leaves it to its users again. */
  async setLimit(limit: number | undefined, options: CallOptions = {}): Promise<void> {
    const op = without({ kind: 'set-limit', lock: this.name, limit });
    await this.#requester.mutate(LOCKS_SERVICE, op, options);
  }

  /** Undefined while nobody has said how many permits there are. */
  async state(options: ReadOptions = {}): Promise<SemaphoreState | undefined> {
    const query = { kind: 'lock', lock: this.name };
    const { result } = await this.#requester.read(LOCKS_SERVICE, query, options);
    return (result as LockView).semaphore;
  }
}

/** Null in place of a refusal to wait. */
export async function orNull<T>(attempt: Promise<T>): Promise<T | null> {
  try {
    return await attempt;
  } catch (error) {
    if (error instanceof LockHeldError) return null;
    throw error;
  }
}
