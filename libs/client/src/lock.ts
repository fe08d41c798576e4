import type { SessionExpiredError } from './errors';
import type { RequestState } from './grants';
import type { CallOptions } from './requester';

export type LockMode = 'exclusive' | 'shared';
export type ReleaseOutcome = 'released' | 'already-released' | 'cancelled';

/** What a held lock needs of the session that holds it. */
export interface Holder {
  readonly signal: AbortSignal;
  remainingMs(): number;
}

type Release = (fence: bigint, options?: CallOptions) => Promise<ReleaseOutcome>;

/**
 * A lock that was granted. It protects only what checks its `fence`: send it along with every write, and let the
 * resource refuse a lower one than it has seen. (locks.md)
 */
export class Lock implements AsyncDisposable {
  readonly name: string;
  readonly mode: LockMode;
  /** Rises with every grant of any lock of the group. */
  readonly fence: bigint;
  /** The grant as a text, to be shown to others: `POST /v1/sequencers/check`. */
  readonly sequencer: string;
  /** The name of the request that it was granted to. */
  readonly request: string;
  /** `<op>.<index>` of the grant, when the group told it; a grant learned by asking again has none. */
  readonly op: string | undefined;
  readonly #holder: Holder;
  readonly #release: Release;

  constructor(
    name: string,
    grant: RequestState & { readonly op: string | undefined },
    holder: Holder,
    release: Release,
  ) {
    this.name = name;
    this.mode = (grant.mode ?? 'exclusive') as LockMode;
    this.fence = BigInt(grant.fence ?? 0);
    this.sequencer = grant.sequencer ?? '';
    this.request = grant.request;
    this.op = grant.op;
    this.#holder = holder;
    this.#release = release;
  }

  /** Aborts when the session of this lock is over, or may be. */
  get signal(): AbortSignal {
    return this.#holder.signal;
  }

  /** For how long the lock is surely held if nothing more is heard. Local, conservative. */
  remainingMs(): number {
    return this.#holder.remainingMs();
  }

  /** Throws `SessionExpiredError` when the lock may be lost. It looks at the clocks, not only at events. */
  assertHeld(): void {
    const { signal } = this.#holder;
    if (signal.aborted) throw signal.reason as SessionExpiredError;
  }

  release(options?: CallOptions): Promise<ReleaseOutcome> {
    return this.#release(this.fence, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }
}
