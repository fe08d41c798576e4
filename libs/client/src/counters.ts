import type { CallOptions, ReadOptions, Requester } from './requester';

/** Named counters, which start at 0: the smallest service of the group. */
export class Counters {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** Adds, and gives the value after. */
  async add(name: string, by = 1, options: CallOptions = {}): Promise<number> {
    const { result } = await this.#requester.mutate('counter', { kind: 'add', name, by }, options);
    return (result as CounterValue).value;
  }

  async get(name: string, options: ReadOptions = {}): Promise<number> {
    const { result } = await this.#requester.read('counter', { kind: 'get', name }, options);
    return (result as CounterValue).value;
  }
}

interface CounterValue {
  readonly name: string;
  readonly value: number;
}
