import type { Lock } from './lock';
import type { CallOptions } from './requester';

type Release = (locks: readonly Lock[], options?: CallOptions) => Promise<void>;

/** Locks that were granted together. Each may be given back by itself; `release` gives back all that is left. */
export class LockSet implements AsyncDisposable {
  /** In the order in which they were asked for. */
  readonly locks: readonly Lock[];
  readonly #release: Release;

  constructor(locks: readonly Lock[], release: Release) {
    this.locks = locks;
    this.#release = release;
  }

  /** Aborts when the first of them is lost. */
  get signal(): AbortSignal {
    return AbortSignal.any(this.locks.map(({ signal }) => signal));
  }

  /** Throws when any of them is or may be lost. */
  assertHeld(): void {
    for (const lock of this.locks) lock.assertHeld();
  }

  release(options?: CallOptions): Promise<void> {
    return this.#release(this.locks, options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
