import type {
  Effect,
  Input,
  LogEntry,
  Message,
  Note,
  Outbox,
  Replica,
  ReplicaNumber,
  Store,
} from '@lockstep/vr-core';
import { leadsIn, stateOf, type CoreUnderTest } from './core-under-test';
import { lifeOf, written, type Disk } from './disk';
import type { World } from './world';

/** What a process runs on, and what outlives it. */
export interface Host {
  readonly disk: Disk;
  /** In steps. */
  readonly clock: number;
}

/** What a replica did in one step. */
export interface Step {
  readonly sent: readonly { readonly to: ReplicaNumber; readonly message: Message }[];
  readonly appended: readonly LogEntry[];
  readonly notes: readonly Note[];
  readonly answers: number;
  /** It found its own invariants broken, or said something that its disk could forget. */
  readonly fault: string | undefined;
}

interface Happened {
  readonly sent: { readonly to: ReplicaNumber; readonly message: Message }[];
  readonly appended: LogEntry[];
  readonly notes: Note[];
  answers: number;
  fault: string | undefined;
}

/** Said only by a replica that is bound by the view of the header. (I10) */
const BINDING: ReadonlySet<Message['kind']> = new Set([
  'Prepare',
  'PrepareOk',
  'Commit',
  'CommitOk',
  'DoViewChange',
  'StartView',
  'RecoveryResponse',
  'NewState',
]);

/** One life of a real replica on its disk. */
export class RunningReplica {
  readonly replica: Replica;
  disk: Disk;
  /** In steps. */
  clock: number;
  /** As this life found it. */
  readonly foundDisk: Disk;
  private readonly coreUnderTest: CoreUnderTest;
  private readonly world: World;

  constructor(coreUnderTest: CoreUnderTest, self: number, host: Host, world: World) {
    const { disk, clock } = host;
    this.coreUnderTest = coreUnderTest;
    this.world = world;
    this.clock = clock;
    this.disk = disk;
    this.foundDisk = disk;
    this.replica = coreUnderTest.create(self as ReplicaNumber);
  }

  start(): Step {
    return this.take({ kind: 'start', life: lifeOf(this.disk) });
  }

  /**
   * Patience is over: whatever this replica waits for has taken too long. A primary takes the other actives for dead when
   * its witnesses are left alone, and for alive when they are not. (VRR §6.1)
   */
  timeout(): Step {
    const { state } = this;
    const kind = state.witness.enlistedAtOp === undefined ? 'peer-lost' : 'peer-found';
    const others = leadsIn(state) ? otherActivesOf(state) : [];
    const hints = others.map((replicaNumber) => ({ kind, replicaNumber }) as const);
    return this.take(...hints, { kind: 'tick' });
  }

  /** Time passes, and nothing else happens. */
  moveClock(): Step {
    this.clock += 1;
    return nothing();
  }

  /** The oldest unfinished write is durable. */
  finishStore(): Step {
    const [store, ...unfinished] = this.disk.unfinished;
    if (store === undefined) throw new Error('nothing is on its way to the disk');
    this.disk = { ...written(this.disk, store), unfinished };
    return this.take({ kind: 'stored', storeNumber: store.storeNumber });
  }

  /** Inputs and, nothing else waiting, a flush. */
  take(...inputs: readonly Input[]): Step {
    const happened = nothing();
    try {
      for (const input of inputs) this.handOver(input, happened);
      this.handOver({ kind: 'flush' }, happened);
    } catch (fault) {
      happened.fault = fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault);
    }
    return happened;
  }

  private handOver(input: Input, happened: Happened): void {
    // Where nothing but logs is fetched an answer proves itself, to whatever question: all questions are one. (E19)
    if (!this.world.fetches) this.state.ticket = 0;
    const out: Outbox = new this.coreUnderTest.core.Outbox();
    this.replica.step(input, this.coreUnderTest.now(this.clock), out);
    const stores: Store[] = [];
    for (const effect of out.effects) this.carryOut(effect, stores, happened);
    for (const store of stores) {
      this.disk = written(this.disk, store);
      this.handOver({ kind: 'stored', storeNumber: store.storeNumber }, happened);
    }
  }

  private carryOut(effect: Effect, stores: Store[], happened: Happened): void {
    switch (effect.kind) {
      case 'send':
        this.checkPromise(effect.message, happened);
        happened.sent.push(effect);
        return;
      case 'store':
        happened.appended.push(...(effect.store.log?.entries ?? []));
        if (!this.world.slowDisks) stores.push(effect.store);
        else this.disk = { ...this.disk, unfinished: [...this.disk.unfinished, effect.store] };
        return;
      case 'answer':
        happened.answers += 1;
        return;
      case 'note':
        happened.notes.push(effect.note);
        return;
      case 'halt':
        happened.fault = `halt: ${effect.reason}`;
        return;
      default:
    }
  }

  /** A crash in the next instant must not make this replica take back what it has just said. (E1, E43) */
  private checkPromise(message: Message, happened: Happened): void {
    const { epochNumber, viewNumber } = this.disk.promise;
    const { kind } = message;
    if (!BINDING.has(kind) || message.epochNumber < epochNumber) return;
    if (message.epochNumber === epochNumber && message.viewNumber <= viewNumber) return;
    happened.fault = `I10: ${kind} of view ${message.viewNumber}, and the disk promises view ${viewNumber}`;
  }

  get state() {
    return stateOf(this.replica);
  }

  /** By a lease that is valid just now. */
  get readsAlone(): boolean {
    return this.replica.view(this.coreUnderTest.now(this.clock)).lease.valid;
  }
}

function nothing(): Happened {
  return { sent: [], appended: [], notes: [], answers: 0, fault: undefined };
}

function otherActivesOf({ epoch, self }: RunningReplica['state']): readonly ReplicaNumber[] {
  return epoch.configuration.members
    .filter(({ role, replicaNumber }) => role === 'active' && replicaNumber !== self)
    .map(({ replicaNumber }) => replicaNumber);
}
