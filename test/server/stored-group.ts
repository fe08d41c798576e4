import {
  byteStringOf,
  createReplica,
  Outbox,
  opNumber,
  replicaNumber,
  type DamageOnDisk,
  type Effect,
  type Execution,
  type Input,
  type Message,
  type MonotonicMs,
  type Replica,
  type ReplicaView,
} from '@lockstep/vr-core';
import { counter, encodeCounterOperation } from '@lockstep/state-machines';
import type { ReplicaStorage } from '../../apps/server/src/storage/replica-storage';
import { EPOCH, hash } from './storage-fixture';

interface Member {
  readonly replica: Replica;
  readonly storage: ReplicaStorage;
  readonly inputs: Input[];
  /** Stores that its disk has not completed. */
  writing: number;
}

/** So small that a few hundred requests make checkpoints and cut the log. */
const LIMITS = {
  leaseMs: 0,
  checkpointOps: 32,
  checkpointPagesPerTick: 8,
  logKeepOps: 0,
  logKeepBytes: 0,
};

/** Three replicas of the core, each over a storage of its own; time passes and messages arrive only in `run`. */
export class StoredGroup {
  /** What replicas told, by number. */
  readonly notes: string[] = [];
  answered = 0;
  private readonly members: (Member | undefined)[] = [];
  private readonly post: { readonly to: number; readonly message: Message }[] = [];
  private nowMs = 1_000;
  private names = 0;

  async start(number: number, storage: ReplicaStorage): Promise<void> {
    const replica = createReplica({
      epoch: EPOCH,
      self: replicaNumber(number),
      plugins: [counter()],
      hash,
      limits: LIMITS,
    });
    const member: Member = { replica, storage, inputs: [], writing: 0 };
    const life = await storage.open((pages) => {
      this.step(number, member, { kind: 'restore', pages });
    });
    this.members[number] = member;
    this.step(number, member, { kind: 'start', life });
  }

  /** Here and now, with whatever is under way. */
  stop(number: number): void {
    this.members[number] = undefined;
  }

  view(number: number): ReplicaView {
    return this.member(number).replica.view(this.now());
  }

  execution(number: number): Execution {
    return this.member(number).replica.execution;
  }

  /** What a scrubber has found; it may be a life too late. */
  damaged(number: number, damage: Omit<DamageOnDisk, 'kind'>): void {
    this.members[number]?.inputs.push({ kind: 'damaged', ...damage });
  }

  digest(number: number): string {
    return this.member(number).replica.execution.digest();
  }

  /** Adds 1 to the counter of this name. */
  add(door: number, name: string): void {
    this.names += 1;
    const bytes = Buffer.from(`${this.names}`.padStart(16));
    const keyHash = byteStringOf(bytes, 0, bytes.length);
    this.step(door, this.member(door), {
      kind: 'request',
      deadlineMs: (this.nowMs + 60_000) as MonotonicMs,
      request: {
        name: { kind: 'keyed', keyHash },
        principal: 'ann',
        service: 'counter',
        operation: encodeCounterOperation({ kind: 'add', name, by: 1 }),
        requestHash: keyHash,
        ackedBelow: opNumber(0) as never,
      },
    });
  }

  /**
   * Ticks of 10 ms until it is so. These replicas hear each other and nobody else. Their time stands still while a disk
   * writes, or a slow disk would look like a dead peer.
   */
  async run(among: readonly number[], until: () => boolean): Promise<void> {
    for (let round = 0; !until(); round += 1) {
      if (round > 2_000) throw new Error(`it never came so:\n${this.notes.slice(-30).join('\n')}`);
      this.nowMs += 10;
      for (const number of among) this.step(number, this.member(number), { kind: 'tick' });
      for (let turn = 0; turn < 4 || this.isWriting(among); turn += 1) await this.turn(among);
    }
  }

  private isWriting(among: readonly number[]): boolean {
    return among.some((number) => this.member(number).writing > 0);
  }

  private async turn(among: readonly number[]): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    for (const { to, message } of this.post.splice(0)) {
      const isHeard = among.includes(to) && among.includes(message.replicaNumber);
      if (isHeard) this.step(to, this.member(to), { kind: 'message', message });
    }
    for (const number of among) {
      const member = this.member(number);
      for (const input of member.inputs.splice(0)) this.step(number, member, input);
      this.step(number, member, { kind: 'flush' });
    }
  }

  private step(number: number, member: Member, input: Input): void {
    const out = new Outbox();
    member.replica.step(input, this.now(), out);
    for (const effect of out.effects) this.carryOut(number, member, effect);
  }

  private carryOut(number: number, member: Member, effect: Effect): void {
    const { storage, inputs } = member;
    switch (effect.kind) {
      case 'send':
        this.post.push({ to: effect.to, message: effect.message });
        break;
      case 'store': {
        const { storeNumber } = effect.store;
        member.writing += 1;
        storage.store(effect.store, (failure) => {
          member.writing -= 1;
          if (failure !== undefined) this.notes.push(`${number}: ${failure.message}`);
          else inputs.push({ kind: 'stored', storeNumber });
        });
        break;
      }
      case 'load':
        void storage.load(effect.pages).then((pages) => {
          inputs.push({ kind: 'loaded', ticket: effect.ticket, pages });
        });
        break;
      case 'answer':
        this.answered += effect.answer.kind === 'outcome' ? 1 : 0;
        break;
      case 'note':
        if (effect.note.kind !== 'ignored')
          this.notes.push(`${number}: ${JSON.stringify(effect.note)}`);
        break;
      case 'halt':
        throw new Error(`replica ${number} halts: ${effect.reason}`);
      case 'kept-alive':
      case 'read':
      case 'events':
      case 'epoch':
        break;
    }
  }

  private now() {
    return {
      monotonicMs: this.nowMs as MonotonicMs,
      wallSeconds: 1_800_000_000 + Math.floor(this.nowMs / 1000),
      wallNanos: 0,
    };
  }

  private member(number: number): Member {
    const member = this.members[number];
    if (member === undefined) throw new Error(`replica ${number} is down`);
    return member;
  }
}
