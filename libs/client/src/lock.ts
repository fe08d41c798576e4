import type { GrantedLock, RequestState } from './grants';
import { Hold, type BreakListener, type HoldingSession } from './hold';
import type { CallOptions } from './requester';

export type LockMode =
  | 'exclusive'
  | 'shared'
  | 'update'
  | 'intent-shared'
  | 'intent-exclusive'
  | 'shared-intent-exclusive'
  | 'permit';
export type ReleaseOutcome = 'released' | 'already-released' | 'cancelled';

export interface ReleaseOptions extends CallOptions {
  /** Written to the lock's value block before it is free, where the mode lets its holder write. */
  readonly value?: string | Uint8Array;
}

export interface ConvertOptions extends ReleaseOptions {
  /** How long to wait for a stronger mode, in the group's time; 0 does not. What is held stays held meanwhile. */
  readonly waitMs?: number;
}

/** What a lock asks of the locks of its session. */
export interface LockKeeper {
  releaseLock(lock: Lock, options?: ReleaseOptions): Promise<ReleaseOutcome>;
  convertLock(lock: Lock, mode: LockMode, options?: ConvertOptions): Promise<void>;
  amendLock(lock: Lock, note: string, options?: CallOptions): Promise<void>;
  setValueOf(lock: Lock, value: string | Uint8Array, options?: CallOptions): Promise<void>;
  transferLock(lock: Lock, to: string, options?: CallOptions): Promise<void>;
  signedSequencerOf(lock: Lock, options?: CallOptions): Promise<string>;
}

export interface LockParts {
  readonly session: HoldingSession;
  readonly keeper: LockKeeper;
  readonly owner: string | undefined;
  readonly onBreak: BreakListener | undefined;
}

/**
 * A lock that was granted. It protects only what checks its `fence`: send it along with every write, and let the
 * resource refuse a lower one than it has seen. (locks.md)
 */
export class Lock extends Hold implements AsyncDisposable {
  readonly owner: string | undefined;
  readonly #keeper: LockKeeper;

  constructor(
    granted: RequestState & { readonly op: string | undefined },
    grant: GrantedLock,
    { session, keeper, owner, onBreak }: LockParts,
  ) {
    super(granted, grant, session, onBreak);
    this.owner = owner;
    this.#keeper = keeper;
  }

  get name(): string {
    return this.grant.lock;
  }

  get mode(): LockMode {
    return this.grant.mode as LockMode;
  }

  release(options?: ReleaseOptions): Promise<ReleaseOutcome> {
    return this.#keeper.releaseLock(this, options);
  }

  /**
   * Holds the lock in another mode from now on. A weaker one is had at once and keeps the fence; a stronger one may have
   * to wait and has a fence of its own. Rejects like `acquire`, and then nothing has changed.
   */
  async convert(mode: LockMode, options?: ConvertOptions): Promise<this> {
    await this.#keeper.convertLock(this, mode, options);
    return this;
  }

  /** Another note, for people who look who holds it. */
  amend(note: string, options?: CallOptions): Promise<void> {
    return this.#keeper.amendLock(this, note, options);
  }

  /** Writes the lock's value block, at most 4 KiB; an empty one removes it. */
  setValue(value: string | Uint8Array, options?: CallOptions): Promise<void> {
    return this.#keeper.setValueOf(this, value, options);
  }

  /** Gives the lock to a request that waits for it, whatever its place in the queue. */
  transfer(to: string, options?: CallOptions): Promise<void> {
    return this.#keeper.transferLock(this, to, options);
  }

  /** The grant as a text that proves it without asking the group: see `verifySequencer`. */
  signedSequencer(options?: CallOptions): Promise<string> {
    return this.#keeper.signedSequencerOf(this, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }
}
