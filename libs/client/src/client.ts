import { urlsOf, getFromAny, type ClusterStatus } from './cluster';
import { Connection } from './connection';
import { Counters } from './counters';
import { Endpoints } from './endpoints';
import { NoPrimaryError, ProblemError } from './errors';
import { Exchange } from './exchange';
import { Files } from './files';
import { momentOf } from './lease-deadline';
import { dialTrusting, type Dialler } from './link';
import { lockEvents, type LockEvent, type LockEventsOptions } from './lock-events';
import type { Problem, PushedEvent, ViewNotice } from './protocol';
import { KeyedRequester, type CallOptions } from './requester';
import { Session, type SessionOptions } from './session';
import { fetchAs, type Token } from './token';
import { fetchTrusting, type Fetch, type TrustOptions } from './trust';

export interface ConnectOptions {
  /** URLs of replicas; one that answers is enough, it tells of the others. */
  readonly endpoints: readonly string[];
  /** Default deadline of every call, retries and failovers included. Default 10,000. */
  readonly timeoutMs?: number;
  /** Whom to trust at https endpoints; without it, whom Node trusts. */
  readonly tls?: TrustOptions;
  /** Who asks, where the group wants to know: see `Token`. */
  readonly token?: Token;
  /** How sockets are opened; for tests. */
  readonly dialler?: Dialler;
}

export type ViewListener = (view: ViewNotice) => void;

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_TTL_MS = 15_000;

/**
 * A client of one group. Requests made here are named by keys and belong to no session; `openSession` gives locks,
 * and names that cost the group less.
 */
export class Client implements AsyncDisposable {
  readonly files: Files;
  readonly counters: Counters;

  readonly #endpoints: Endpoints;
  readonly #connection: Connection;
  readonly #exchange: Exchange;
  readonly #requester: KeyedRequester;
  readonly #timeoutMs: number;
  readonly #fetch: Fetch;
  readonly #sessions = new Map<string, Session>();
  readonly #viewListeners = new Set<ViewListener>();
  readonly #connected: Promise<void>;
  #view: ViewNotice | undefined;
  #refusal: Problem | undefined;

  /** Dials at once; `connect` also waits for the first replica to answer. */
  constructor(options: ConnectOptions) {
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#endpoints = new Endpoints(options.endpoints);
    const { token } = options;
    this.#fetch = fetchAs(fetchTrusting(options.tls), token);
    let connected: () => void;
    this.#connected = new Promise((resolve) => (connected = resolve));
    const dialler =
      options.dialler ??
      dialTrusting(options.tls, {
        token,
        onRefused: (problem) => (this.#refusal = problem),
      });
    this.#connection = new Connection(
      this.#endpoints,
      {
        up: (_, previous) => {
          connected();
          this.#exchange.linkUp(previous);
          for (const session of this.#sessions.values()) session.reconnected();
        },
        down: (link) => this.#exchange.linkDown(link),
        answers: (link, answers) => this.#exchange.onAnswers(link, answers),
        events: (events) => this.#onEvents(events),
        view: (view) => this.#onView(view),
      },
      dialler,
    );
    this.#exchange = new Exchange(this.#connection, typeof token === 'function');
    this.#requester = new KeyedRequester(this.#exchange, this.#timeoutMs);
    this.files = new Files(this.#requester);
    this.counters = new Counters(this.#requester);
    this.#connection.open();
  }

  /** The newest view this client was told of. */
  get view(): ViewNotice | undefined {
    return this.#view;
  }

  /** The replica that questions go to now, if one is connected. */
  get endpoint(): string | undefined {
    return this.#connection.current?.url;
  }

  /** Rejects with `NoPrimaryError` when no replica answers in time. */
  async connected(): Promise<void> {
    const late = new Promise<never>((_, reject) => {
      const timer = setTimeout(() => reject(this.#unreached()), this.#timeoutMs);
      void this.#connected.then(() => clearTimeout(timer));
    });
    await Promise.race([this.#connected, late]);
    void this.#discover();
  }

  async openSession(options: SessionOptions & CallOptions = {}): Promise<Session> {
    const { timeoutMs, signal, ...fields } = options;
    const call = { timeoutMs: timeoutMs ?? this.#timeoutMs, ...(signal && { signal }) };
    const op = { kind: 'open', ttlMs: DEFAULT_TTL_MS, ...fields };
    const sentAt = momentOf();
    const { result } = await this.#requester.mutate('sessions', op, call);
    const session = new Session(result as { id: string; ttlMs: number }, sentAt, {
      exchange: this.#exchange,
      timeoutMs: this.#timeoutMs,
      forget: ({ id }) => this.#sessions.delete(id),
    });
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The group as the primary, or whoever answers, sees it. */
  async cluster(): Promise<ClusterStatus> {
    const path = '/v1/cluster';
    return (await getFromAny(this.#endpoints, path, this.#timeoutMs, this.#fetch)) as ClusterStatus;
  }

  /** What happens to locks, latches and barriers from now on, or after `from`, without a gap: see `lockEvents`. */
  lockEvents(options: LockEventsOptions = {}): AsyncGenerator<LockEvent, void, undefined> {
    return lockEvents(this.#endpoints, options, this.#fetch);
  }

  /** Calls the listener at every change of view. Call what it returns to stop. */
  onView(listener: ViewListener): () => void {
    this.#viewListeners.add(listener);
    return () => this.#viewListeners.delete(listener);
  }

  /** Ends its sessions, as far as the group can be reached, and the connection. Calls under way reject. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#sessions.values()].map((session) => session.close()));
    this.abandon();
  }

  /** Leaves without a word: the group ends the sessions when their ttl is over. */
  abandon(): void {
    for (const session of [...this.#sessions.values()]) session.abandon();
    this.#exchange.close();
    this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onEvents(events: readonly PushedEvent[]): void {
    for (const event of events) this.#sessions.get(event.session)?.onEvent(event);
  }

  #onView(view: ViewNotice): void {
    const known = this.#view;
    this.#view = view;
    if (known !== undefined && known.epoch === view.epoch && known.view === view.view) return;
    for (const listener of this.#viewListeners) listener(view);
  }

  /** Nobody answered in time, or nobody let this client in. */
  #unreached(): Error {
    const refusal = this.#refusal;
    return refusal === undefined
      ? new NoPrimaryError('no replica answered in time')
      : new ProblemError(refusal);
  }

  /** What it was given may be a part of the group. */
  async #discover(): Promise<void> {
    try {
      const rendezvous = await getFromAny(
        this.#endpoints,
        '/.well-known/lockstep',
        this.#timeoutMs,
        this.#fetch,
      );
      this.#endpoints.learn(urlsOf(rendezvous));
    } catch {
      // It goes on with what it knows; every view tells of one more.
    }
  }
}

/** A client that has reached its group. Rejects with `NoPrimaryError` when no replica answers in time. */
export async function connect(options: ConnectOptions): Promise<Client> {
  const client = new Client(options);
  try {
    await client.connected();
    return client;
  } catch (error) {
    client.abandon();
    throw error;
  }
}
