import { dial, type Link, type LinkListener } from '@lockstep/client/dist/link';
import type { AnswerItem, PushedEvent, RequestItem } from '@lockstep/client/dist/protocol';
import { RequestNumbers } from '@lockstep/client/dist/request-numbers';

const DIAL_TIMEOUT_MS = 5_000;
/** Loading takes its time; an answer that does not come is a finding. */
const TIMEOUT_MS = 120_000;
/** The server takes no longer message. */
const ITEMS_MAX = 4_096;

type Fields = Readonly<Record<string, unknown>>;
export type Result = Readonly<Record<string, unknown>>;

interface Call {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One socket to one replica with nothing around it: no failover, no renewals, no polls. Ten thousand sessions can live
 * in one, and die with it.
 */
export class Channel {
  #link: Link | undefined;
  readonly #calls = new Map<number, Call>();
  #waiting: RequestItem[] = [];
  #asked = 0;
  readonly #onEvent: (event: PushedEvent) => void;

  private constructor(onEvent: (event: PushedEvent) => void) {
    this.#onEvent = onEvent;
  }

  static async open(
    url: string,
    onEvent: (event: PushedEvent) => void = () => undefined,
  ): Promise<Channel> {
    const channel = new Channel(onEvent);
    channel.#link = await dial(url, DIAL_TIMEOUT_MS, channel.#listener).link;
    if (channel.#link === undefined) throw new Error(`${url} does not answer`);
    return channel;
  }

  /** All that is asked in one turn leaves in one frame, or as few as may be. Rejects with the code of a problem. */
  ask(question: Fields): Promise<Result> {
    return new Promise((resolve, reject) => {
      const id = ++this.#asked;
      this.#calls.set(id, { resolve, reject });
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ id, timeoutMs: TIMEOUT_MS, ...question } as unknown as RequestItem);
    });
  }

  async openSession(ttlMs: number): Promise<ChannelSession> {
    const op = { kind: 'open', ttlMs };
    const { id } = await this.ask({ service: 'sessions', op, key: crypto.randomUUID() });
    return new ChannelSession(this, String(id));
  }

  /** Without a word to the group. */
  close(): void {
    this.#link?.close();
  }

  #flush(): void {
    const items = this.#waiting;
    this.#waiting = [];
    for (let from = 0; from < items.length; from += ITEMS_MAX)
      this.#link?.send(items.slice(from, from + ITEMS_MAX));
  }

  #onAnswer({ id, result, problem }: AnswerItem): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (problem === undefined) call?.resolve(result as Result);
    else call?.reject(new Error(`${problem.code}: ${problem.detail ?? problem.title ?? ''}`));
  }

  readonly #listener: LinkListener = {
    answers: (_, answers) => {
      for (const answer of answers) this.#onAnswer(answer);
    },
    events: (_, events) => {
      for (const event of events) this.#onEvent(event);
    },
    view: () => undefined,
    closed: () => {
      for (const call of this.#calls.values()) call.reject(new Error('the socket was closed'));
    },
  };
}

/** A session that lives as long as it is kept alive. */
export class ChannelSession {
  readonly id: string;
  readonly #channel: Channel;
  readonly #numbers = new RequestNumbers();

  constructor(channel: Channel, id: string) {
    this.#channel = channel;
    this.id = id;
  }

  /** An operation of the locks. No more than a window of them at once. */
  async mutate(op: Fields): Promise<Result> {
    const requestNumber = this.#numbers.take();
    if (requestNumber === undefined) throw new Error('too many requests of one session at once');
    const { ackedBelow } = this.#numbers;
    const name = { session: this.id, requestNumber, ackedBelow };
    const result = await this.#channel.ask({ service: 'locks', op, ...name });
    this.#numbers.settle(requestNumber);
    return result;
  }

  /** How long it lives if this was the last word, in milliseconds from the answer on. */
  async keepAlive(): Promise<number> {
    const { expiresInMs } = await this.#channel.ask({ keepAlive: this.id });
    return Number(expiresInMs);
  }
}

/** Calls `task` for 0 to `count` - 1, so many at a time. */
export async function pipelined(
  count: number,
  atOnce: number,
  task: (n: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
}
