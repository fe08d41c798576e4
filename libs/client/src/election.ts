import type { Reply } from './exchange';
import { expectGranted, grantsIn } from './granted';
import { without } from './fields';
import { Hold, type BreakListener } from './hold';
import type { Holds } from './holds';
import { heldBy, LOCKS_SERVICE, type LockRequests, type LockSession } from './lock-requests';
import type { CallOptions, PollOptions, ReadOptions } from './requester';

/** One long poll of an observer. */
const POLL_MS = 30_000;

export interface CampaignOptions extends CallOptions {
  /** What everybody is told of the leader once this one leads. */
  readonly value?: string;
  readonly owner?: string;
  /** How long to be a candidate, in the group's time. Left out: as long as the session lives. */
  readonly waitMs?: number;
  readonly priority?: number;
  readonly claimMs?: number;
  readonly onBreakRequest?: BreakListener;
}

export interface ElectionView {
  readonly election: string;
  readonly leader: Leader | null;
  /** In the order in which they would lead. */
  readonly candidates: readonly Candidate[];
}

export interface Leader {
  readonly request: string;
  readonly session: string;
  readonly owner: string;
  readonly value: string;
  readonly fence: string;
  readonly sinceMs: number;
  readonly expiresInMs: number;
}

export interface Candidate {
  readonly request: string;
  readonly session: string;
  readonly owner: string;
  readonly value: string;
  readonly position: number;
}

/** One leader at a time, as far as its fence is looked at. */
export class Election {
  readonly name: string;
  readonly #session: LockSession;
  readonly #requests: LockRequests;
  readonly #holds: Holds;

  constructor(name: string, session: LockSession, requests: LockRequests, holds: Holds) {
    this.name = name;
    this.#session = session;
    this.#requests = requests;
    this.#holds = holds;
  }

  /** Resolves when this session leads. Rejects as `Locks.acquire` does; an abort withdraws. */
  async campaign(options: CampaignOptions = {}): Promise<Leadership> {
    const { timeoutMs, signal, onBreakRequest, ...terms } = options;
    const op = without({ kind: 'campaign', election: this.name, ...terms });
    const end = await this.#requests.ask(op, without({ timeoutMs, signal }));
    expectGranted(end, this.name);
    const [grant] = grantsIn(end, this.name);
    const hold = new Hold(end, grant!, this.#session, onBreakRequest);
    this.#holds.add(hold);
    return new Leadership(hold, async (kind, fields, call) => {
      const held = heldBy(options.owner, hold.fence);
      const told = { kind, election: this.name, ...held, ...fields };
      await this.#session.mutate(LOCKS_SERVICE, told, call);
      if (kind !== 'proclaim') this.#holds.remove(hold);
    });
  }

  async view(options: ReadOptions = {}): Promise<ElectionView> {
    return (await this.#read(options)).result as ElectionView;
  }

  /** The election as it is, then whenever another leads or the leader proclaims something else. Ends with the session. */
  async *observe(options: CallOptions = {}): AsyncGenerator<ElectionView, void, undefined> {
    let known: string | undefined;
    let reply = await this.#read(options);
    while (!this.#isOver(options.signal)) {
      const view = reply.result as ElectionView;
      const seen = JSON.stringify([view.leader?.fence, view.leader?.value]);
      if (seen !== known) yield view;
      known = seen;
      const since = Number(reply.op ?? 0);
      reply = await this.#read({ ...options, since, waitMs: POLL_MS, timeoutMs: 2 * POLL_MS });
    }
  }

  #read(options: PollOptions): Promise<Reply> {
    const query = { kind: 'election', election: this.name };
    return this.#session.read(LOCKS_SERVICE, query, options);
  }

  #isOver(signal: AbortSignal | undefined): boolean {
    return signal?.aborted === true || this.#session.signal.aborted;
  }
}

type AsLeader = (
  kind: 'proclaim' | 'resign' | 'transfer',
  fields: object,
  options?: CallOptions,
) => Promise<void>;

/** To lead, until it is resigned, handed over or lost. */
export class Leadership implements AsyncDisposable {
  readonly #hold: Hold;
  readonly #asLeader: AsLeader;

  constructor(hold: Hold, asLeader: AsLeader) {
    this.#hold = hold;
    this.#asLeader = asLeader;
  }

  /** The name of the request that was elected. */
  get request(): string {
    return this.#hold.request;
  }

  /** Send it along with everything the leader does: a later one's is higher. */
  get fence(): bigint {
    return this.#hold.fence;
  }

  get sequencer(): string {
    return this.#hold.sequencer;
  }

  /** Aborts when another may lead. */
  get signal(): AbortSignal {
    return this.#hold.signal;
  }

  assertLeads(): void {
    this.#hold.assertHeld();
  }

  proclaim(value: string, options?: CallOptions): Promise<void> {
    return this.#asLeader('proclaim', { value }, options);
  }

  resign(options?: CallOptions): Promise<void> {
    return this.#asLeader('resign', {}, options);
  }

  /** Makes the candidate of this request the leader. */
  transfer(to: string, options?: CallOptions): Promise<void> {
    return this.#asLeader('transfer', { to }, options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.resign();
  }
}
