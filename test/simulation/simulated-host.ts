import {
  createReplica,
  fnvHash,
  Outbox,
  toByteString,
  type Effect,
  type Epoch,
  type Input,
  type Limits,
  type Message,
  type Promised,
  type Replica,
  type ReplicaNumber,
  type ReplicaView,
} from '@lockstep/vr-core';
import type { Chance } from './chance';
import { SimulatedDisk, type DiskPlan } from './disk';
import { HostClock } from './host-clock';
import type { ObservedHost } from './observed-host';
import type { Hook, Observer, Observers } from './observer';
import { services } from './services';
import type { VirtualTime } from './virtual-time';

export const TICK_MS = 10;

export interface HostOptions {
  readonly epoch: Epoch;
  readonly self: ReplicaNumber;
  readonly disk: DiskPlan;
  readonly limits: Partial<Limits>;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly observers: Observers;
  readonly send: (to: ReplicaNumber, message: Message) => void;
  /** What was gathered is flushed so long after the last input: how long the host's queue keeps it busy. */
  readonly flushDelayMs: number;
}

/** One process of the group with its disk and its clocks: carries out what the core asks for, and can be killed. */
export class SimulatedHost implements ObservedHost {
  readonly self: ReplicaNumber;
  readonly disk: SimulatedDisk;
  readonly clock: HostClock;
  readonly time: VirtualTime;
  replica: Replica | undefined;
  /** Counts starts and crashes, so that nothing planned for an earlier life happens in a later one. */
  lives = 0;
  /** Of this host's monotonic clock, at its last tick. */
  lastTickMs = 0;
  ticks = 0;
  /** The disk says that everything up to this store is done. */
  readonly stored = (storeNumber: number): void => this.take({ kind: 'stored', storeNumber });
  private readonly options: HostOptions;
  private pausedInputs: Input[] | undefined;
  private flushPlanned = false;
  private lastView: ReplicaView | undefined;

  constructor(options: HostOptions) {
    const { time, chance, self, epoch } = options;
    this.options = options;
    this.self = self;
    this.time = time;
    const promise: Promised = {
      epochNumber: epoch.configuration.epochNumber,
      viewNumber: 0 as Promised['viewNumber'],
      incarnations: [],
      epoch,
    };
    this.disk = new SimulatedDisk(time, chance.stream('disk'), options.disk, promise);
    this.clock = new HostClock(time.nowMs, chance.stream('clock').between(0, 1_000_000));
  }

  get running(): boolean {
    return this.replica !== undefined;
  }

  get paused(): boolean {
    return this.pausedInputs !== undefined;
  }

  start(): void {
    if (this.replica !== undefined) return;
    this.lives += 1;
    const { epoch, self, limits, chance, observers } = this.options;
    const { life, pages } = this.disk.open(fnvHash);
    const { incarnation } = life;
    const nonce = nonceOf(chance.stream(`nonce ${incarnation}`));
    this.replica = createReplica({
      epoch,
      self,
      limits,
      plugins: services(),
      hash: fnvHash,
    });
    for (const observer of observers.of('started')) observer.started?.(this);
    // Before the start there is nothing to be seen of a replica.
    if (pages.length > 0) {
      const now = this.clock.read(this.time.nowMs);
      this.replica.step({ kind: 'restore', pages }, now, new Outbox());
    }
    this.take({ kind: 'start', life: { ...life, nonce } });
    const { lives } = this;
    this.time.after(chance.stream(`tick ${incarnation}`).between(0, TICK_MS), () =>
      this.tick(lives),
    );
  }

  /** Kill -9, or the power fails. */
  crash(): void {
    if (this.replica === undefined) return;
    this.lives += 1;
    this.replica = undefined;
    this.pausedInputs = undefined;
    this.flushPlanned = false;
    this.lastView = undefined;
    this.disk.crash();
    for (const observer of this.options.observers.of('crashed')) observer.crashed?.(this);
  }

  /** The whole process stands still; its clocks do not, and what arrives waits. */
  pause(): void {
    this.pausedInputs ??= [];
  }

  resume(): void {
    const inputs = this.pausedInputs ?? [];
    this.pausedInputs = undefined;
    for (const input of inputs) this.take(input);
  }

  /** What the replica showed of itself after its last step. */
  view(): ReplicaView | undefined {
    return this.lastView;
  }

  take(input: Input): void {
    if (this.replica === undefined) return;
    if (this.pausedInputs !== undefined) {
      // A host that stands still has one tick waiting, however long it stood.
      if (input.kind !== 'tick' || this.pausedInputs.at(-1)?.kind !== 'tick') {
        this.pausedInputs.push(input);
      }
      return;
    }
    this.step(input);
    if (input.kind !== 'flush' && !this.flushPlanned) this.planFlush();
  }

  private step(input: Input): void {
    const { replica, options } = this;
    if (replica === undefined) return;
    for (const observer of options.observers.of('input')) observer.input?.(this, input);
    const now = this.clock.read(this.time.nowMs);
    if (input.kind === 'tick') {
      this.lastTickMs = now.monotonicMs;
      this.ticks += 1;
    }
    const out = new Outbox();
    try {
      replica.step(input, now, out);
    } catch (fault) {
      return this.halt(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
    }
    for (const effect of out.effects) this.carryOut(effect);
    this.lastView = replica.view(now);
    for (const observer of options.observers.of('stepped')) observer.stepped?.(this, this.lastView);
    // What clients are told is judged by what the step has committed.
    for (const effect of out.effects) {
      this.tellClients(effect);
      if (this.replica !== replica) return;
    }
  }

  private carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        this.tell('send', (observer) => observer.send?.(this, effect.to, effect.message));
        return this.options.send(effect.to, effect.message);
      case 'store':
        this.tell('store', (observer) => observer.store?.(this, effect.store));
        return this.disk.store(effect.store, this.stored);
      case 'load': {
        const { ticket } = effect;
        return this.disk.load(effect.pages, (pages) =>
          this.take({ kind: 'loaded', ticket, pages }),
        );
      }
      case 'note':
        return this.tell('note', (o) => o.note?.(this, effect.note));
      default:
    }
  }

  private tellClients(effect: Effect): void {
    switch (effect.kind) {
      case 'answer':
        return this.tell('answer', (o) => o.answer?.(this, effect.request, effect.answer));
      case 'kept-alive':
        return this.tell('keptAlive', (o) =>
          o.keptAlive?.(this, effect.keepAliveId, effect.result),
        );
      case 'read':
        return this.tell('read', (o) => o.read?.(this, effect.readId, effect.result));
      case 'events':
        return this.tell('events', (o) => o.events?.(this, effect.events));
      case 'halt':
        return this.halt(effect.reason);
      default:
    }
  }

  private tell(hook: Hook, call: (observer: Observer) => void): void {
    for (const observer of this.options.observers.of(hook)) call(observer);
  }

  private halt(reason: string): void {
    this.tell('halted', (observer) => observer.halted?.(this, reason));
    this.crash();
  }

  private tick(lives: number): void {
    if (lives !== this.lives) return;
    this.take({ kind: 'tick' });
    this.time.after(TICK_MS, () => this.tick(lives));
  }

  private planFlush(): void {
    const { lives } = this;
    this.flushPlanned = true;
    this.time.after(this.options.flushDelayMs, () => {
      if (lives !== this.lives) return;
      this.flushPlanned = false;
      this.take({ kind: 'flush' });
    });
  }
}

function nonceOf(chance: Chance): ReturnType<typeof toByteString> {
  return toByteString(Uint8Array.from({ length: 16 }, () => chance.below(256)));
}
