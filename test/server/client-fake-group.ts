import { Client } from '../../libs/client/src/client';
import type { Dialler, Link, LinkListener } from '../../libs/client/src/link';
import type {
  AnswerItem,
  Mutation,
  Operation,
  Problem,
  Read,
  RequestItem,
} from '../../libs/client/src/protocol';

type Executor = (op: Operation, name: string) => Record<string, unknown>;

/** Three replicas that agree by sharing one object: what each request did, and its answer. */
export class FakeGroup {
  readonly replicas = ['http://a:1', 'http://b:1', 'http://c:1'].map(
    (url) => new FakeReplica(url, this),
  );
  members: readonly FakeReplica[] = this.replicas;
  readonly executed = new Map<string, AnswerItem>();
  epoch = 0;
  view = 0;
  #op = 0;
  execute: Executor = (op) => {
    if (op.kind === 'open') return { id: `${this.#op}-0`, ttlMs: op['ttlMs'] };
    return { value: this.executed.size };
  };
  answerRead: (query: Operation, read: Read) => Record<string, unknown> = () => ({ value: 0 });

  get primary(): FakeReplica {
    return this.members[this.view % 3]!;
  }

  readonly dialler: Dialler = (url, _, listener) => {
    const replica = [...this.replicas, ...this.members].find((each) => each.url === url)!;
    replica.dialled++;
    return { link: Promise.resolve(replica.accept(listener)), stop: () => undefined };
  };

  run(mutation: Mutation): AnswerItem {
    const name = mutation.key ?? `${mutation.session}#${mutation.requestNumber}`;
    const before = this.executed.get(name);
    if (before !== undefined) return { ...before, replayed: true };
    this.#op++;
    let answer: AnswerItem = { id: 0, op: `${this.#op}.0` };
    try {
      answer = { ...answer, result: this.execute(mutation.op, name) };
    } catch (refusal) {
      answer = { ...answer, problem: (refusal as Refusal).problem };
    }
    this.executed.set(name, answer);
    return answer;
  }

  /** The next replica leads, and all say so. */
  changeView(): void {
    this.view++;
    for (const replica of this.replicas) replica.tellView();
  }

  /** Another group begins, of new replicas: the old ones only say where it is, each when it is asked. */
  replaceAll(): readonly FakeReplica[] {
    this.members = ['http://d:1', 'http://e:1', 'http://f:1'].map(
      (url) => new FakeReplica(url, this),
    );
    this.epoch++;
    this.view = 0;
    for (const replica of this.replicas) replica.mood = 'moved';
    return this.members;
  }

  push(event: Record<string, unknown>): void {
    for (const replica of this.replicas) replica.push(event);
  }
}

export class FakeReplica {
  readonly messages: (readonly RequestItem[])[] = [];
  alive = true;
  /** `swallow` executes and says nothing; `hang` does not even execute; `no-primary` says so. */
  mood: 'well' | 'hang' | 'swallow' | 'no-primary' | 'busy' | 'moved' = 'well';
  dialled = 0;
  readonly #links = new Map<Link, LinkListener>();

  readonly url: string;
  readonly group: FakeGroup;

  constructor(url: string, group: FakeGroup) {
    this.url = url;
    this.group = group;
  }

  accept(listener: LinkListener): Link | undefined {
    if (!this.alive) return undefined;
    const links = this.#links;
    const link: Link = {
      url: this.url,
      get isOpen() {
        return links.has(link);
      },
      send: (items) => this.#receive(link, items),
      close: () => void links.delete(link),
    };
    links.set(link, listener);
    if (this.mood !== 'moved') setImmediate(() => this.tellView());
    return link;
  }

  get connections(): number {
    return this.#links.size;
  }

  die(): void {
    this.alive = false;
    for (const [link, listener] of [...this.#links]) {
      this.#links.delete(link);
      listener.closed(link);
    }
  }

  tellView(): void {
    const { epoch, view, primary, members } = this.group;
    const urls = members.map(({ url }) => url);
    for (const [link, listener] of this.#links) {
      const who = { primary: primary.url, url: primary.url, replica: this.url };
      listener.view(link, { epoch, view, ...who, urls });
    }
  }

  push(event: Record<string, unknown>): void {
    for (const [link, listener] of this.#links) {
      listener.events(link, [event as never]);
    }
  }

  #receive(link: Link, items: readonly RequestItem[]): void {
    this.messages.push(items);
    if (this.mood === 'hang') return;
    const answers = items.map((item) => this.#answer(item));
    if (this.mood === 'swallow') return;
    setImmediate(() => this.#links.get(link)?.answers(link, answers));
  }

  #answer(item: RequestItem): AnswerItem {
    const { id } = item;
    if (this.mood === 'moved') {
      const replicas = this.group.members.map(({ url }) => ({ id: url, url }));
      return { id, problem: { code: 'moved', status: 410, replicas } };
    }
    if (this.mood === 'no-primary' || this.mood === 'busy') {
      return { id, problem: { code: this.mood, status: 503 } };
    }
    if ('op' in item) return { ...this.group.run(item), id };
    if ('query' in item) {
      return { id, op: '7', result: this.group.answerRead(item.query, item) };
    }
    return { id, result: { id: item.keepAlive } };
  }
}

/** A refusal of the group, to be thrown by `execute`. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(code: string, members: Record<string, unknown> = {}) {
    super(code);
    this.problem = { code, detail: code, ...members };
  }
}

export const itemsOf = (replica: FakeReplica): RequestItem[] => replica.messages.flat();

export const mutationsOf = (replica: FakeReplica): Mutation[] =>
  itemsOf(replica).filter((item): item is Mutation & { id: number } => 'op' in item);

const clients: Client[] = [];

export function clientOf(group: FakeGroup, timeoutMs = 10_000): Client {
  const endpoints = group.replicas.map(({ url }) => url);
  const client = new Client({ endpoints, timeoutMs, dialler: group.dialler });
  clients.push(client);
  return client;
}

/** Timers stand still until `pass`; turns of the event loop go on by themselves. */
export function useHandClock(): void {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] }));
  afterEach(() => {
    for (const client of clients.splice(0)) client.abandon();
    jest.useRealTimers();
  });
}

/** Everything under way gets so many turns. */
export async function turns(count = 10): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 25) {
    await jest.advanceTimersByTimeAsync(25);
    await turns(4);
  }
}
