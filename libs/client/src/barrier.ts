import { CancelledError } from './errors';
import { expectGranted } from './granted';
import { without } from './fields';
import { LOCKS_SERVICE, type LockRequests, type LockSession } from './lock-requests';
import type { CallOptions, ReadOptions } from './requester';

export interface BarrierOptions extends CallOptions {
  readonly owner?: string;
  /** How long to wait for the others, in the group's time. Left out: as long as the session lives. */
  readonly waitMs?: number;
}

export interface BarrierView {
  readonly parties: number;
  readonly entering: number;
  readonly inside: number;
  readonly leaving: number;
}

/** A double barrier: all parties enter together, and leave together. A party that is gone is not waited for on leaving. */
export class Barrier {
  readonly name: string;
  readonly parties: number;
  readonly #session: LockSession;
  readonly #requests: LockRequests;

  constructor(name: string, parties: number, session: LockSession, requests: LockRequests) {
    this.name = name;
    this.parties = parties;
    this.#session = session;
    this.#requests = requests;
  }

  /** Resolves when all parties have come. */
  async enter(options: BarrierOptions = {}): Promise<void> {
    const { timeoutMs, signal, ...terms } = options;
    const { name: barrier, parties } = this;
    const op = without({ kind: 'enter', barrier, parties, ...terms });
    const end = await this.#requests.ask(op, without({ timeoutMs, signal }));
    expectGranted(end, barrier);
  }

  /** Resolves when all who are inside have left, or are gone. */
  async leave(options: BarrierOptions = {}): Promise<void> {
    const { timeoutMs, signal, ...terms } = options;
    const op = without({ kind: 'leave', barrier: this.name, ...terms });
    const end = await this.#requests.ask(op, without({ timeoutMs, signal }));
    if (end.state === 'left' || end.state === 'granted') return;
    expectGranted(end, this.name);
    throw new CancelledError(this.name, end.request, end.state);
  }

  async view(options: ReadOptions = {}): Promise<BarrierView> {
    const query = { kind: 'barrier', barrier: this.name };
    return (await this.#session.read(LOCKS_SERVICE, query, options)).result as BarrierView;
  }
}
