import type { Chance } from './chance';
import { Chance as Stream } from './chance';
import { pause } from './clock';
import { ChannelCaller } from './clients/channel-caller';
import { ChannelLockSession } from './clients/channel-lock-session';
import { Doors } from './clients/doors';
import { RestCaller } from './clients/rest-caller';
import { RestLockSession } from './clients/rest-lock-session';
import type { Caller } from './clients/caller';
import { counterModel } from './models/counter-model';
import { lockModel, type LockState } from './models/lock-model';
import { treeModel } from './models/tree-model';
import type { Tree } from './models/tree';
import { useCounter } from './work/counter-work';
import { Fences } from './work/fences';
import { lookAtAll } from './work/last-look';
import { allLocksAreFree } from './work/locks-left';
import { inspectLock } from './work/lock-history';
import { LockWorker } from './work/lock-work';
import { Slot } from './work/slot';
import type { Court, Subject } from './work/subject';
import { rootOf, useTree } from './work/tree-work';

const COUNTERS = 2;
const TREES = 3;
const LOCKS = 3;
/** Who meet at one subject. */
const CLIENTS = 3;
const THINK_MS_MAX = 25;
const TTL_MS = [2_000, 6_000] as const;

/** All clients: what they do, and the judgement of it. */
export class Workload {
  readonly fences: Fences;
  readonly #urls: () => readonly string[];
  readonly #seed: number;
  readonly #court: Court;
  readonly #callers: RestCaller[] = [];
  readonly #channels: ChannelCaller[] = [];
  readonly #lockWorkers: LockWorker[] = [];
  readonly #counters: readonly Slot<number>[];
  readonly #trees: readonly Slot<Tree>[];
  readonly #locks: readonly Slot<LockState>[];
  readonly #work: Promise<void>[] = [];
  readonly #own: RestCaller;
  readonly #ownDoors: Doors;
  #isStopping = false;

  constructor(urls: () => readonly string[], seed: number, court: Court) {
    this.#urls = urls;
    this.#seed = seed;
    this.#court = court;
    this.fences = new Fences(court.findings);
    this.#ownDoors = new Doors(urls);
    this.#own = this.#restCaller('harness', this.#ownDoors);
    this.#counters = this.#slots(COUNTERS, { kind: 'counter', model: counterModel });
    this.#trees = this.#slots(TREES, {
      kind: 'files',
      model: treeModel,
      prepare: (name) => this.#makeDirectory(name),
    });
    this.#locks = this.#slots(LOCKS, {
      kind: 'locks',
      model: lockModel,
      inspect: (subject: Subject<LockState>) =>
        inspectLock(subject, this.#ownDoors, court.realTime.floor.op, court.findings),
    });
  }

  get replayed(): number {
    return this.#callers.reduce((sum, { replayed }) => sum + replayed, 0);
  }

  get repeated(): number {
    return this.#callers.reduce((sum, { repeated }) => sum + repeated, 0);
  }

  get deaths(): number {
    return this.#lockWorkers.reduce((sum, { deaths }) => sum + deaths, 0);
  }

  start(): void {
    for (const slot of this.#counters) this.#useBy(slot, 'counter', useCounter);
    for (const slot of this.#trees) this.#useBy(slot, 'files', useTree);
    for (const slot of this.#locks) this.#lockBy(slot);
  }

  /** Ends all clients, and judges what is left to be judged. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#work);
    const slots = [...this.#counters, ...this.#trees, ...this.#locks];
    await Promise.all(slots.map((slot: { close(): Promise<void> }) => slot.close()));
    await Promise.allSettled(this.#lockWorkers.map((worker) => worker.close()));
  }

  /** Everything once more; how many looks it took. */
  async lookAtAll(): Promise<number> {
    const { findings } = this.#court;
    await allLocksAreFree(this.#ownDoors, findings);
    const counters = this.#counters.flatMap(({ retired }) => retired);
    const trees = this.#trees.flatMap(({ retired }) => retired);
    const locks = this.#locks.flatMap(({ retired }) => retired);
    const looks = [
      await lookAtAll(counters, (name) => [counterLook(name)], this.#own, findings),
      await lookAtAll(trees, treeLooks, this.#own, findings),
      await lookAtAll(locks, (name) => [lockLook(name)], this.#own, findings),
    ];
    return looks.reduce((sum, count) => sum + count, 0);
  }

  async close(): Promise<void> {
    for (const channel of this.#channels) channel.abandon();
    await Promise.all(this.#callers.map((caller) => caller.close()));
  }

  #slots<State>(
    count: number,
    plan: Omit<ConstructorParameters<typeof Slot<State>>[0], 'name'>,
  ): Slot<State>[] {
    return Array.from({ length: count }, (_, n) => {
      const name = `${plan.kind}-${n}`;
      return new Slot<State>({ ...plan, name }, this.#court, new Stream(this.#seed, name));
    });
  }

  /** Every second client speaks REST, the others our client's channel. */
  #useBy<State>(
    slot: Slot<State>,
    kind: string,
    use: (subject: Subject<State>, caller: Caller, chance: Chance) => Promise<void>,
  ): void {
    for (let n = 0; n < CLIENTS; n += 1) {
      const { name, chance } = this.#nextClient(kind);
      const caller = n % 2 === 0 ? this.#restCaller(name) : this.#channelCaller(name);
      this.#loop(chance, () => slot.use((subject) => use(subject, caller, chance)));
    }
  }

  #lockBy(slot: Slot<LockState>): void {
    for (let n = 0; n < CLIENTS; n += 1) {
      const { name, chance } = this.#nextClient('locks');
      const caller = this.#restCaller(name);
      const open = (): ReturnType<typeof RestLockSession.open | typeof ChannelLockSession.open> => {
        const ttlMs = chance.whole(...TTL_MS);
        return n % 2 === 0
          ? RestLockSession.open(caller, ttlMs)
          : ChannelLockSession.open(name, this.#urls(), ttlMs);
      };
      const { findings } = this.#court;
      const { fences } = this;
      const worker = new LockWorker({ name, chance, findings, fences, caller, open });
      this.#lockWorkers.push(worker);
      this.#loop(chance, () => slot.use((subject) => worker.use(subject)));
    }
  }

  #loop(chance: Chance, turn: () => Promise<void>): void {
    const run = async (): Promise<void> => {
      while (!this.#isStopping) {
        await turn();
        await pause(chance.whole(0, THINK_MS_MAX));
      }
    };
    this.#work.push(run());
  }

  #nextClient(kind: string): { readonly name: string; readonly chance: Chance } {
    const name = `${kind}-${this.#work.length + 1}`;
    return { name, chance: new Stream(this.#seed, name) };
  }

  #restCaller(name: string, doors = new Doors(this.#urls)): RestCaller {
    const caller = new RestCaller(name, doors, ({ question, first, second }) =>
      this.#court.findings.add(
        'once',
        `${name}: the same request was answered twice, differently`,
        [JSON.stringify(question), JSON.stringify(first), JSON.stringify(second)],
      ),
    );
    this.#callers.push(caller);
    return caller;
  }

  #channelCaller(name: string): ChannelCaller {
    const caller = new ChannelCaller(name, this.#urls);
    this.#channels.push(caller);
    return caller;
  }

  async #makeDirectory(name: string): Promise<void> {
    const question = { service: 'files', kind: 'mkdir', root: rootOf(name), path: '', mode: 0o755 };
    const fate = await this.#own.change(question);
    if (typeof fate !== 'object' || fate.kind !== 'done')
      throw new Error(`${name} could not be made: ${JSON.stringify(fate)}`);
  }
}

const counterLook = (name: string) => ({ service: 'counter', kind: 'get', name });
const lockLook = (name: string) => ({ service: 'locks', kind: 'lock', lock: name });

const treeLooks = (name: string) => {
  const root = rootOf(name);
  const stats = ['a', 'b', 's', 't', 's/x', 's/y', 't/x'].map((path) => ({ kind: 'stat', path }));
  const lists = ['', 's', 't'].map((path) => ({ kind: 'readdir', path }));
  return [...stats, ...lists].map((look) => ({ service: 'files', root, ...look }));
};
