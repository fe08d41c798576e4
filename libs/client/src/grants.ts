/** What has become of a request for a lock. */
export interface RequestState {
  readonly request: string;
  readonly state: string;
  readonly mode?: string;
  readonly fence?: string;
  readonly sequencer?: string;
  readonly position?: number;
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
