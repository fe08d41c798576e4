import type * as CoreModule from '@lockstep/vr-core';
import type {
  Answer,
  ByteString,
  Effect,
  Epoch,
  EpochNumber,
  Incarnation,
  Input,
  Limits,
  Message,
  MonotonicMs,
  ReadResult,
  Replica,
  ReplicaNumber,
  ReplicaView,
  Store,
  StoredLog,
  StoredPage,
  ViewNumber,
} from '@lockstep/vr-core';
import { resolve } from 'node:path';
import type * as CounterModule from '../../libs/state-machines/src/counter/counter';
import type * as OperationsModule from '../../libs/state-machines/src/counter/operations';
import { LogImage } from '../simulation/log-image';
import { PageImage } from '../simulation/page-image';
import { SourceLoader, type Substitution } from '../simulation/source-loader';
import { emptyDisk, logFoundOn, type Disk } from './hand-driven-disk';

type Core = typeof CoreModule;
type Counter = typeof CounterModule;
type CounterOperations = typeof OperationsModule;

const ROOT = resolve(__dirname, '../..');

/** A message on its way; it stays on its way until the story delivers or drops it. */
export interface Letter {
  readonly from: number;
  readonly to: number;
  readonly message: Message;
}

/** Which letters are meant; what is not named does not matter. */
export interface Which {
  readonly kind?: Message['kind'];
  readonly from?: number;
  readonly to?: number;
  readonly view?: number;
}

/** How one replica's clocks run: by the world's time, but for this. */
interface HostClocks {
  rate: number;
  /** At `worldMs` of the world they stood here. */
  worldMs: number;
  monotonicMs: number;
  wallMs: number;
}

/** How fresh a read is to be. */
type Freshness = 'linearizable' | 'lease';

export interface GroupOptions {
  /** So many of the last replicas are witnesses. (VRR §6.1) */
  readonly witnesses?: number;
  readonly limits?: Partial<Limits>;
}

/** What a crash takes away beyond memory. */
export interface Loss {
  /** The log is unreadable. */
  readonly log?: boolean;
  /** The paper's replica: nothing at all is on disk. */
  readonly promise?: boolean;
  /** The nonce of the life before is used again. */
  readonly sameNonce?: boolean;
  /** Lives are counted on from here: the clock that a fenced return counts by stands lower than before. */
  readonly incarnation?: number;
}

/**
 * A group in which nothing happens but what the story says: every message waits to be delivered by hand, any number of
 * times. With substitutions it runs a core in which the paper's own rule has been put back.
 */
export class HandDrivenGroup {
  readonly answers = new Map<string, Answer>();
  readonly notes: string[] = [];
  readonly reads: number[] = [];
  /** How each read was answered, or why it was not. */
  readonly served: string[] = [];
  letters: Letter[] = [];
  /** Told of every letter that is written. */
  onSend: ((letter: Letter) => void) | undefined;
  private readonly core: Core;
  private readonly counter: Counter;
  private readonly operations: CounterOperations;
  private readonly epoch: Epoch;
  private readonly replicas: (Replica | undefined)[] = [];
  private readonly disks: Disk[] = [];
  private readonly clocks: HostClocks[] = [];
  private nowMs = 1_000;
  private readonly limits: Partial<Limits>;
  private nonces = 0;

  constructor(
    size: number,
    substitutions: readonly Substitution[] = [],
    { witnesses = 0, limits = {} }: GroupOptions = {},
  ) {
    // No leases but where the story is about them: a new primary waits for nobody.
    this.limits = { leaseMs: 0, ...limits };
    const loader = new SourceLoader(ROOT, substitutions);
    this.core = loader.load<Core>('libs/vr-core/src/index.ts');
    this.counter = loader.load<Counter>('libs/state-machines/src/counter/counter.ts');
    this.operations = loader.load<CounterOperations>(
      'libs/state-machines/src/counter/operations.ts',
    );
    const members = Array.from({ length: size }, (_, number) => ({
      replicaNumber: number as ReplicaNumber,
      nodeId: `node-${number}`,
      role: number < size - witnesses ? ('active' as const) : ('witness' as const),
      peerUrl: '',
      clientUrl: '',
    }));
    this.epoch = this.core.firstEpoch({ epochNumber: 0 as EpochNumber, members });
    members.forEach((_, number) => {
      this.disks[number] = emptyDisk(this.epoch);
      this.clocks[number] = this.clocksAtStart();
      this.begin(number, { kind: 'fresh' });
    });
  }

  /** A new node with an empty disk, which knows the group as this replica does, and follows it. Its number. */
  join(knownBy: number): number {
    const number = this.disks.length;
    const { epoch, epochNumber } = this.view(knownBy);
    const promise = { epochNumber, viewNumber: 0 as ViewNumber, incarnations: [], epoch };
    this.disks[number] = { ...emptyDisk(this.epoch), promise };
    this.clocks[number] = this.clocksAtStart();
    this.begin(number, { kind: 'fresh' });
    return number;
  }

  /** Delivers the first letter that is meant; it is an error when there is none. */
  deliver(which: Which): void {
    const letter = this.letters.find((one) => meant(one, which));
    if (letter === undefined) throw new Error(`no such letter: ${JSON.stringify(which)}`);
    this.letters = this.letters.filter((one) => one !== letter);
    this.hand(letter);
  }

  /** Takes the letters that are meant out of the post, to be handed over later, or never. */
  hold(which: Which): Letter[] {
    const held = this.letters.filter((one) => meant(one, which));
    this.letters = this.letters.filter((one) => !meant(one, which));
    return held;
  }

  hand({ to, message }: Letter): void {
    this.step(to, { kind: 'message', message });
  }

  drop(which: Which = {}): void {
    this.hold(which);
  }

  /** Everything on its way between these replicas arrives, and what follows from it, until nothing is left. */
  settle(among: readonly number[]): void {
    for (let round = 0; round < 1_000; round += 1) {
      const letter = this.letters.find(
        ({ from, to }) => among.includes(from) && among.includes(to),
      );
      if (letter === undefined) return;
      this.letters = this.letters.filter((one) => one !== letter);
      this.hand(letter);
    }
    throw new Error('the group does not settle');
  }

  /** As `settle`, but only messages of these kinds arrive; the others stay on their way. */
  settleOnly(among: readonly number[], kinds: readonly Message['kind'][]): void {
    const others = this.letters.filter(({ message }) => !kinds.includes(message.kind));
    this.letters = this.letters.filter(({ message }) => kinds.includes(message.kind));
    for (let round = 0; round < 1_000; round += 1) {
      const letter = this.letters.find(
        ({ from, to, message }) =>
          among.includes(from) && among.includes(to) && kinds.includes(message.kind),
      );
      if (letter === undefined) break;
      this.letters = this.letters.filter((one) => one !== letter);
      this.hand(letter);
    }
    this.letters = [...others, ...this.letters];
  }

  /** Time passes, and these replicas tick. */
  tick(ms: number, among: readonly number[]): void {
    this.nowMs += ms;
    for (const number of among) this.step(number, { kind: 'tick' });
  }

  /** From now on both clocks of this replica run at this rate. */
  setClockRate(number: number, rate: number): void {
    this.readClocks(number).rate = rate;
  }

  /** One clock of this replica jumps. */
  jumpClock(number: number, which: 'monotonicMs' | 'wallMs', byMs: number): void {
    this.readClocks(number)[which] += byMs;
  }

  /** Replicas that talk to each other and to nobody else, for a while. */
  run(ms: number, among: readonly number[]): void {
    for (let passed = 0; passed < ms; passed += 10) {
      this.tick(10, among);
      this.settle(among);
    }
  }

  /** Adds 1 to the counter of this name, at this door, under the name itself. */
  add(door: number, name: string): void {
    const operation = this.operations.encodeCounterOperation({ kind: 'add', name, by: 1 });
    this.step(door, {
      kind: 'request',
      deadlineMs: this.deadlineAt(door),
      request: {
        name: { kind: 'keyed', keyHash: name as ByteString },
        principal: 'ann',
        service: 'counter',
        operation,
        requestHash: name as ByteString,
        ackedBelow: 0 as never,
      },
    });
  }

  /** Asks for the counter of this name at this door; what is answered is in `reads`, and how in `served`. */
  read(door: number, name: string, kind: Freshness = 'linearizable'): void {
    this.step(door, {
      kind: 'read',
      read: {
        readId: 1,
        service: 'counter',
        query: this.operations.encodeCounterQuery({ kind: 'get', name }),
        consistency: { kind },
        deadlineMs: this.deadlineAt(door),
      },
    });
  }

  input(number: number, input: Input): void {
    this.step(number, input);
  }

  acknowledged(name: string): boolean {
    return this.answers.get(name)?.kind === 'outcome';
  }

  /** What the counter of this name stands at in the executed state of a replica. */
  valueAt(number: number, name: string): number {
    const query = this.operations.encodeCounterQuery({ kind: 'get', name });
    const { bytes } = this.replica(number).execution.read('counter', query, 0 as never);
    return this.core.decode(this.operations.counterAnswer, bytes).value;
  }

  /** The connection to a peer is seen to close. */
  seeLost(number: number, peer: number): void {
    this.step(number, { kind: 'peer-lost', replicaNumber: peer as ReplicaNumber });
    this.tick(10, [number]);
  }

  /** The connection to a peer is open again. */
  seeFound(number: number, peer: number): void {
    this.step(number, { kind: 'peer-found', replicaNumber: peer as ReplicaNumber });
  }

  crash(number: number, loss: Loss = {}): void {
    this.replicas[number] = undefined;
    const disk = this.disk(number);
    disk.held = undefined;
    if (loss.log === true) {
      disk.lost = true;
      disk.log = new LogImage();
      disk.pages = new PageImage();
    }
    if (loss.promise === true) disk.promise = emptyDisk(this.epoch).promise;
    if (loss.incarnation !== undefined) disk.incarnation = loss.incarnation;
    if (loss.sameNonce !== true) this.nonces += 1;
  }

  /** The disk of a replica that is down does not give entry `op` back. */
  damage(number: number, op: number): void {
    this.disk(number).log.damage(op);
  }

  /** The disk of a replica that is down does not give one page of its checkpoint back. */
  damagePage(number: number): void {
    this.disk(number).pages.damage(() => 0);
  }

  /** No page is on the disk of this replica any more, nor any of a checkpoint to be. */
  losePages(number: number): void {
    this.disk(number).pages = new PageImage();
  }

  /** Memory fails: the counter of this name stands at another value here than was executed. */
  spoilState(number: number, name: string, value: number): void {
    const { store } = this.replica(number).execution;
    const row = this.core.encode(this.operations.counterAnswer, { value });
    store.tablesOf('counter').ordered('values').put(this.core.utf8Encode(name), row);
  }

  /** What the disk of this replica has of entry `op`. */
  holdsOnDisk(number: number, op: number): boolean {
    return this.disk(number).log.at(op) !== undefined;
  }

  restart(number: number): void {
    const disk = this.disk(number);
    const { pages, stateWhole } = disk.pages.open();
    this.begin(number, logFoundOn(disk, stateWhole), pages);
  }

  /** From now on what this replica stores waits; `releaseDisk` lets it through. */
  holdDisk(number: number): void {
    this.disk(number).held = [];
  }

  releaseDisk(number: number): void {
    const disk = this.disk(number);
    const held = disk.held ?? [];
    disk.held = undefined;
    for (const store of held) this.complete(number, store);
  }

  /** How often this replica's disk has been written. */
  storesOf(number: number): number {
    return this.disk(number).stores;
  }

  view(number: number): ReplicaView {
    return this.replica(number).view(this.now(number));
  }

  private replica(number: number): Replica {
    const replica = this.replicas[number];
    if (replica === undefined) throw new Error(`replica ${number} is down`);
    return replica;
  }

  private disk(number: number): Disk {
    const disk = this.disks[number];
    if (disk === undefined) throw new Error(`there is no replica ${number}`);
    return disk;
  }

  private begin(number: number, log: StoredLog, pages: readonly StoredPage[] = []): void {
    const disk = this.disk(number);
    disk.incarnation += 1;
    this.replicas[number] = this.core.createReplica({
      epoch: this.epoch,
      self: number as ReplicaNumber,
      plugins: [this.counter.counter()],
      hash: this.core.fnvHash,
      limits: this.limits,
    });
    const out = new this.core.Outbox();
    this.replica(number).step({ kind: 'restore', pages }, this.now(number), out);
    this.step(number, {
      kind: 'start',
      life: {
        incarnation: disk.incarnation as Incarnation,
        nonce: `nonce ${this.nonces}` as ByteString,
        promise: disk.promise,
        promiseLost: false,
        log,
      },
    });
  }

  private step(number: number, input: Input): void {
    const replica = this.replicas[number];
    if (replica === undefined) return;
    for (const each of [input, { kind: 'flush' } as const]) {
      const out = new this.core.Outbox();
      replica.step(each, this.now(number), out);
      for (const effect of out.effects) this.carryOut(number, effect);
      if (input.kind === 'start') return;
    }
  }

  private carryOut(number: number, effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        this.letters.push({ from: number, to: effect.to, message: effect.message });
        this.onSend?.({ from: number, to: effect.to, message: effect.message });
        return;
      case 'store': {
        const { held } = this.disk(number);
        if (held === undefined) this.complete(number, effect.store);
        else held.push(effect.store);
        return;
      }
      case 'answer':
        if (effect.request.name.kind === 'keyed') {
          this.answers.set(effect.request.name.keyHash, effect.answer);
        }
        return;
      case 'read':
        this.served.push(servedBy(effect.result));
        if (effect.result.kind === 'outcome') {
          const { bytes } = effect.result.outcome;
          this.reads.push(this.core.decode(this.operations.counterAnswer, bytes).value);
        }
        return;
      case 'note':
        if (effect.note.kind === 'ignored') {
          const { what, reason, from } = effect.note;
          this.notes.push(`${number}: ${what} <- ${String(from)}: ${reason}`);
        } else {
          this.notes.push(`${number}: ${effect.note.text}`);
        }
        return;
      case 'load': {
        const pages = effect.pages.map((page) => this.disk(number).pages.read(page));
        return this.step(number, { kind: 'loaded', ticket: effect.ticket, pages });
      }
      case 'halt':
        this.notes.push(`${number}: halt: ${effect.reason}`);
        this.replicas[number] = undefined;
        return;
      default:
        return;
    }
  }

  private complete(number: number, store: Store): void {
    const disk = this.disk(number);
    if (store.promise !== undefined) disk.promise = store.promise;
    disk.stores += 1;
    disk.log.take(store);
    if (store.pages !== undefined) disk.pages.write(store.pages);
    if (store.checkpoint !== undefined) disk.pages.putInForce(store.checkpoint);
    if (store.log !== undefined) disk.lost = false;
    disk.stored = store;
    this.step(number, { kind: 'stored', storeNumber: store.storeNumber });
  }

  private now(number: number) {
    const { monotonicMs, wallMs } = this.readClocks(number);
    const wallSeconds = Math.floor(wallMs / 1000);
    return {
      monotonicMs: monotonicMs as MonotonicMs,
      wallSeconds,
      wallNanos: Math.round((wallMs - wallSeconds * 1000) * 1_000_000),
    };
  }

  private clocksAtStart(): HostClocks {
    const { nowMs } = this;
    return { rate: 1, worldMs: nowMs, monotonicMs: nowMs, wallMs: 1_700_000_000_000 };
  }

  private deadlineAt(door: number): MonotonicMs {
    return (this.readClocks(door).monotonicMs + 60_000) as MonotonicMs;
  }

  private readClocks(number: number): HostClocks {
    const clocks = this.clocks[number];
    if (clocks === undefined) throw new Error(`there is no replica ${number}`);
    const passed = (this.nowMs - clocks.worldMs) * clocks.rate;
    clocks.worldMs = this.nowMs;
    clocks.monotonicMs += passed;
    clocks.wallMs += passed;
    return clocks;
  }
}

function servedBy(result: ReadResult): string {
  if (result.kind === 'outcome') return result.served;
  return result.kind === 'problem' ? result.code : result.kind;
}

function meant({ from, to, message }: Letter, which: Which): boolean {
  return (
    (which.kind === undefined || which.kind === message.kind) &&
    (which.from === undefined || which.from === from) &&
    (which.to === undefined || which.to === to) &&
    (which.view === undefined || which.view === message.viewNumber)
  );
}
