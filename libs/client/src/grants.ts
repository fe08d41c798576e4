/** One lock of a grant, as the group tells it. */
export interface GrantedLock {
  readonly lock: string;
  readonly mode: string;
  readonly fence: string;
  readonly sequencer: string;
}

/** What has become of a request: of one lock in the fields themselves, of several in `locks`. */
export interface RequestState extends Partial<GrantedLock> {
  readonly request: string;
  readonly state: string;
  readonly locks?: readonly GrantedLock[];
  readonly position?: number;
  /** Until a grant that has not been claimed is passed on. */
  readonly claimLeftMs?: number;
  /** `<op>-<index>` of the grant, when an event told of it. */
  readonly event?: string;
}

interface Waiter {
  readonly done: (state: RequestState) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Requests that wait in a queue of the group, by their names. A waiter is here before its request is sent, for the
 * grant may be told before the answer that it must wait.
 */
export class Grants {
  readonly #waiters = new Map<string, Waiter>();

  /** Resolves with the first end of waiting that is told for this request. */
  wait(request: string): Promise<RequestState> {
    const end = new Promise<RequestState>((done, failed) => {
      this.#waiters.set(request, { done, failed });
    });
    // Nobody may be listening yet when it fails.
    end.catch(() => undefined);
    return end;
  }

  tell(state: RequestState): void {
    if (state.state !== 'queued') this.#take(state.request)?.done(state);
  }

  fail(request: string, error: unknown): void {
    this.#take(request)?.failed(error);
  }

  forget(request: string): void {
    this.#waiters.delete(request);
  }

  isWaiting(request: string): boolean {
    return this.#waiters.has(request);
  }

  /** Of the requests that still wait. */
  names(): string[] {
    return [...this.#waiters.keys()];
  }

  #take(request: string): Waiter | undefined {
    const waiter = this.#waiters.get(request);
    this.#waiters.delete(request);
    return waiter;
  }
}
