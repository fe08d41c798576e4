import { Barrier } from './barrier';
import { CancelledError } from './errors';
import { Election } from './election';
import { without, valueFields } from './fields';
import type { GrantOptions } from './grant-options';
import { expectGranted, grantsIn } from './granted';
import type { RequestState } from './grants';
import { Holds } from './holds';
import { Latch } from './latch';
import {
  Lock,
  type ConvertOptions,
  type LockKeeper,
  type LockMode,
  type ReleaseOptions,
  type ReleaseOutcome,
} from './lock';
import {
  heldBy,
  LOCKS_SERVICE,
  LockRequests,
  type CancelOutcome,
  type LockSession,
} from './lock-requests';
import type { LockView } from './lock-view';
import { LockSet } from './lock-set';
import type { Operation, PushedEvent } from './protocol';
import type { CallOptions, ReadOptions } from './requester';
import { orNull, Semaphore } from './semaphore';

export interface AcquireOptions extends GrantOptions {
  /** Default `exclusive`. */
  readonly mode?: LockMode;
}

export interface LockItem {
  readonly name: string;
  /** Default `exclusive`. */
  readonly mode?: LockMode;
  /** With mode `permit`: how many; and how many there are, unless the semaphore knows. */
  readonly permits?: number;
  readonly limit?: number;
}

export interface BreakOptions extends CallOptions {
  /** For the record, and for the holder. */
  readonly reason: string;
  /** How long the holder may take to give it up; 0, or left out, takes it away at once. */
  readonly graceMs?: number;
}

/** The locks of one session, and what is built of them. */
export class Locks implements LockKeeper {
  readonly #session: LockSession;
  readonly #requests: LockRequests;
  readonly #holds: Holds;

  constructor(session: LockSession) {
    this.#session = session;
    this.#requests = new LockRequests(session);
    this.#holds = new Holds(session);
  }

  /**
   * Takes the lock, waiting in the group's queue for as long as `waitMs` says. An abort leaves the queue again.
   * Rejects with `LockHeldError` (`waitMs` 0), `WaitTimeoutError`, `DeadlockError`, `CancelledError`,
   * `SessionExpiredError`, `ProblemError`, `NoPrimaryError`; `OutcomeUnknownError` when the group could not be reached,
   * and then the lock may yet be granted: `cancel` the request, or `retry()`.
   */
  async acquire(name: string, options: AcquireOptions = {}): Promise<Lock> {
    const { mode = 'exclusive', ...rest } = options;
    const [lock] = await this.#acquire({ lock: name, mode }, name, rest);
    return lock!;
  }

  /** The lock if nobody has it and nobody waits for it, null else. */
  async tryAcquire(
    name: string,
    options: Omit<AcquireOptions, 'waitMs'> = {},
  ): Promise<Lock | null> {
    return orNull(this.acquire(name, { ...options, waitMs: 0 }));
  }

  /** Takes all of these in one step, or waits for all of them; none is held while others are waited for. */
  async acquireAll(items: readonly LockItem[], options: GrantOptions = {}): Promise<LockSet> {
    const names = items.map(({ name }) => name).join(', ');
    const locks = await this.#acquire(
      { locks: items.map((item) => without(item)) },
      names,
      options,
    );
    return new LockSet(locks, (all, call) => this.#releaseAll(all, call));
  }

  /** A semaphore of so many permits, unless the group has been told its limit. */
  semaphore(name: string, limit?: number): Semaphore {
    return new Semaphore(name, limit, this.#session, async (item, options) => {
      const [lock] = await this.#acquire(item, name, options);
      return lock!;
    });
  }

  election(name: string): Election {
    return new Election(name, this.#session, this.#requests, this.#holds);
  }

  /** A double barrier: `parties` enter together, and leave together. */
  barrier(name: string, parties: number): Barrier {
    return new Barrier(name, parties, this.#session, this.#requests);
  }

  latch(name: string): Latch {
    return new Latch(name, this.#session);
  }

  /** Gives the lock up, or what `owner` waits for it when there is no fence. Said twice it does no more. */
  async release(
    name: string,
    grant: { readonly fence?: bigint; readonly owner?: string } = {},
    options: ReleaseOptions = {},
  ): Promise<ReleaseOutcome> {
    const { value, ...call } = options;
    const held = heldBy(grant.owner, grant.fence);
    const op = { kind: 'release', lock: name, ...held, ...valueFields(value) };
    const { result } = await this.#session.mutate(LOCKS_SERVICE, op, call);
    return (result as { outcome: ReleaseOutcome }).outcome;
  }

  /** Undoes an acquire by the name of its request, whether it waits or was granted meanwhile. */
  cancel(request: string, options: CallOptions = {}): Promise<CancelOutcome> {
    return this.#requests.cancel(request, options);
  }

  /**
   * Takes a lock away from its holder, whoever it is, if it still holds it under this fence. It is told who asked and
   * why, and so is whoever reads the events. `broken`, or `break-requested` when the holder is given time.
   */
  async break(
    name: string,
    fence: bigint,
    { reason, graceMs = 0, ...call }: BreakOptions,
  ): Promise<'broken' | 'break-requested'> {
    const op = { kind: 'break', lock: name, fence: fence.toString(), reason, graceMs };
    const { result } = await this.#session.mutate(LOCKS_SERVICE, op, call);
    return (result as { outcome: 'broken' | 'break-requested' }).outcome;
  }

  /** Who holds the lock and who waits for it, in order. */
  async inspect(name: string, options: ReadOptions = {}): Promise<LockView> {
    const query = { kind: 'lock', lock: name };
    return (await this.#session.read(LOCKS_SERVICE, query, options)).result as LockView;
  }

  requestState(
    request: string,
    options: ReadOptions & { readonly waitMs?: number } = {},
  ): Promise<RequestState> {
    return this.#requests.state(request, options);
  }

  onEvent(event: PushedEvent): void {
    this.#requests.onEvent(event);
    this.#holds.onEvent(event);
  }

  /** What was pushed while nobody listened is asked for. */
  reconnected(): void {
    this.#requests.reconnected();
    void this.#holds.reconnected();
  }

  async releaseLock(lock: Lock, options?: ReleaseOptions): Promise<ReleaseOutcome> {
    this.#holds.remove(lock);
    const { name, owner, fence } = lock;
    return this.release(name, without({ owner, fence }), options);
  }

  async convertLock(lock: Lock, mode: LockMode, options: ConvertOptions = {}): Promise<void> {
    const { waitMs, value, ...call } = options;
    const held = { lock: lock.name, ...heldBy(lock.owner, lock.fence) };
    const op = without({ kind: 'convert', ...held, mode, waitMs, ...valueFields(value) });
    await this.#holds.changing(lock, async () => {
      const end = await this.#requests.ask(op, call);
      expectGranted(end, lock.name);
      for (const grant of grantsIn(end, lock.name)) lock.regrant(grant);
    });
  }

  async amendLock(lock: Lock, note: string, options: CallOptions = {}): Promise<void> {
    await this.#asHolder(lock, { kind: 'amend', note }, options);
  }

  async setValueOf(lock: Lock, value: string | Uint8Array, options: CallOptions = {}) {
    await this.#asHolder(lock, { kind: 'set-value', ...valueFields(value) }, options);
  }

  async transferLock(lock: Lock, to: string, options: CallOptions = {}): Promise<void> {
    await this.#asHolder(lock, { kind: 'transfer', to }, options);
    this.#holds.remove(lock);
  }

  async signedSequencerOf(lock: Lock, options: CallOptions = {}): Promise<string> {
    const state = await this.#requests.state(lock.request, options);
    const grants = state.state === 'granted' ? grantsIn(state, lock.name) : [];
    const { sequencer } = grants.find((each) => each.lock === lock.name) ?? {};
    if (sequencer === undefined) throw new CancelledError(lock.name, lock.request, state.state);
    return sequencer;
  }

  /** All that one request was granted, as far as it is still held. */
  async #releaseAll(locks: readonly Lock[], options: CallOptions = {}): Promise<void> {
    for (const lock of locks) this.#holds.remove(lock);
    const [first] = locks;
    if (first !== undefined) await this.cancel(first.request, options);
  }

  async #asHolder(lock: Lock, op: Operation, options: CallOptions): Promise<void> {
    const held = { lock: lock.name, ...heldBy(lock.owner, lock.fence) };
    await this.#session.mutate(LOCKS_SERVICE, { ...op, ...held }, options);
  }

  async #acquire(what: object, names: string, options: GrantOptions): Promise<Lock[]> {
    const { timeoutMs, signal, onBreakRequest, ...terms } = options;
    const op = without({ kind: 'acquire', ...what, ...terms });
    const end = await this.#requests.ask(op, without({ timeoutMs, signal }));
    expectGranted(end, names);
    const parts = {
      session: this.#session,
      keeper: this,
      owner: options.owner,
      onBreak: onBreakRequest,
    };
    return grantsIn(end, names).map((grant) => {
      const lock = new Lock(end, grant, parts);
      this.#holds.add(lock);
      return lock;
    });
  }
}
