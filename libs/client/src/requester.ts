import { NoPrimaryError, OutcomeUnknownError } from './errors';
import { Unanswered, type Exchange, type Reply } from './exchange';
import type { Consistency, Mutation, Operation, Read } from './protocol';

export interface CallOptions {
  /** From the call to its answer, retries, failovers and all. */
  readonly timeoutMs?: number;
  /** Gives up waiting; what was sent may happen all the same. */
  readonly signal?: AbortSignal;
}

export interface ReadOptions extends CallOptions {
  /** `linearizable` (default): the latest. `lease`: the same, by the primary's lease or not at all. `stale`: what the replica asked has, never older than what this client has seen. */
  readonly consistency?: Consistency;
}

/** A read that waits for a change of what it is about; see `Read`. */
export interface PollOptions extends ReadOptions {
  readonly waitMs?: number;
  readonly since?: number;
}

/** How the services of this client ask the group. */
export interface Requester {
  /** Changes the group's state once, through whatever happens to replicas on the way. */
  mutate(service: string, op: Operation, options?: CallOptions): Promise<Reply>;
  read(service: string, query: Operation, options?: PollOptions): Promise<Reply>;
}

/** Requests without a session: each is named by a key that no other request ever has. (decision 1) */
export class KeyedRequester implements Requester {
  readonly #exchange: Exchange;
  readonly #timeoutMs: number;

  constructor(exchange: Exchange, timeoutMs: number) {
    this.#exchange = exchange;
    this.#timeoutMs = timeoutMs;
  }

  mutate(service: string, op: Operation, options: CallOptions = {}): Promise<Reply> {
    const mutation: Mutation = { service, op, key: crypto.randomUUID() };
    return askUntilKnown(this.#exchange, mutation.key ?? '', () => mutation, {
      timeoutMs: this.#timeoutMs,
      ...options,
    });
  }

  async read(service: string, query: Operation, options: PollOptions = {}): Promise<Reply> {
    return askToRead(
      this.#exchange,
      { service, query },
      { timeoutMs: this.#timeoutMs, ...options },
    );
  }
}

type Deadlined = CallOptions & { readonly timeoutMs: number };

export interface Asked {
  /** An earlier attempt under the same name has left: that this one does not says nothing of what happened. */
  readonly wasSent?: boolean;
}

/** An answer, a refusal, or an honest "not known" that can be asked again under the same name. */
export async function askUntilKnown(
  exchange: Exchange,
  name: string,
  question: () => Mutation,
  options: Deadlined & Asked,
): Promise<Reply> {
  try {
    return await exchange.ask({ question, timeoutMs: options.timeoutMs, signal: options.signal });
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    if (!error.sent && options.wasSent !== true) throw new NoPrimaryError();
    const { timeoutMs } = options;
    throw new OutcomeUnknownError(name, () =>
      askUntilKnown(exchange, name, question, { timeoutMs, wasSent: true }),
    );
  }
}

/** How long a door may keep a question beyond its `waitMs`, looking for a primary. */
const DOOR_PATIENCE_MS = 5000;

export async function askToRead(
  exchange: Exchange,
  read: Read,
  options: PollOptions & Deadlined,
): Promise<Reply> {
  const { consistency, waitMs, since, timeoutMs, signal } = options;
  const question = (): Read & { timeoutMs?: number } => ({
    ...read,
    ...(consistency === 'stale' ? { consistency, minOp: exchange.lastOp } : {}),
    ...(consistency === 'lease' ? { consistency } : {}),
    ...(waitMs === undefined ? {} : { waitMs, timeoutMs: waitMs + DOOR_PATIENCE_MS }),
    ...(since === undefined ? {} : { since }),
  });
  try {
    return await exchange.ask({ question, timeoutMs, signal, patient: waitMs !== undefined });
  } catch (error) {
    throw error instanceof Unanswered ? new NoPrimaryError() : error;
  }
}
