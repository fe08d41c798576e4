import { LOCKS_SERVICE } from './lock-requests';
import type { Operation } from './protocol';
import type { CallOptions, ReadOptions, Requester } from './requester';

/** One long poll; it is repeated while the latch is shut. */
const POLL_MS = 30_000;

/** A count that many wait for to reach 0. It belongs to no session. */
export class Latch {
  readonly name: string;
  readonly #requester: Requester;

  constructor(name: string, requester: Requester) {
    this.name = name;
    this.#requester = requester;
  }

  /** Shuts it with this count, unless it is shut already; the count that it has then. */
  set(count: number, options: CallOptions = {}): Promise<number> {
    return this.#change({ kind: 'set-latch', latch: this.name, count }, options);
  }

  /** What is left. At 0 it is open. */
  countDown(by = 1, options: CallOptions = {}): Promise<number> {
    return this.#change({ kind: 'count-down', latch: this.name, by }, options);
  }

  async remove(options: CallOptions = {}): Promise<void> {
    const op = { kind: 'remove-latch', latch: this.name };
    await this.#requester.mutate(LOCKS_SERVICE, op, options);
  }

  /** Rejects with a `ProblemError`, `unknown-latch`, when nobody has set it. */
  async count(options: ReadOptions & { readonly waitMs?: number } = {}): Promise<number> {
    const query = { kind: 'latch', latch: this.name };
    const { result } = await this.#requester.read(LOCKS_SERVICE, query, options);
    return (result as { count: number }).count;
  }

  /** Resolves when it is open. Rejects with the reason of the signal. */
  async opened(options: CallOptions = {}): Promise<void> {
    const poll = { ...options, waitMs: POLL_MS, timeoutMs: 2 * POLL_MS };
    while ((await this.count(poll)) > 0) options.signal?.throwIfAborted();
  }

  async #change(op: Operation, options: CallOptions): Promise<number> {
    const { result } = await this.#requester.mutate(LOCKS_SERVICE, op, options);
    return (result as { count: number }).count;
  }
}
