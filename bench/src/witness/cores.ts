import { counter, encodeCounterOperation } from '@lockstep/state-machines';
import {
  createReplica,
  decodeMessage,
  encodeMessage,
  firstEpoch,
  monotonicMs,
  Outbox,
  toByteString,
  type Effect,
  type Epoch,
  type EpochNumber,
  type Incarnation,
  type Input,
  type Message,
  type Now,
  type Replica,
  type ReplicaNumber,
  type Request,
  type Role,
  type ViewNumber,
} from '@lockstep/vr-core';
import { createHash } from 'node:crypto';

const TICK_MS = 10;

/** What one replica has done in a part of the run. */
interface Costs {
  spentNs: bigint;
  sentBytes: number;
  receivedBytes: number;
  receivedMessages: number;
  storedBytes: number;
}

/** One replica, and the meter beside it. */
class Metered {
  readonly number: number;
  readonly replica: Replica;
  costs = noCosts();
  running = true;
  private readonly group: MeteredGroup;

  constructor(group: MeteredGroup, epoch: Epoch, number: number) {
    this.group = group;
    this.number = number;
    this.replica = createReplica({
      epoch,
      self: number as ReplicaNumber,
      plugins: [counter()],
      hash: (data) => toByteString(createHash('sha256').update(data).digest()),
    });
  }

  take(input: Input): void {
    if (!this.running) return;
    const out = new Outbox();
    const startedNs = process.hrtime.bigint();
    this.replica.step(input, this.group.now(), out);
    const messages = out.effects.map((effect) => this.encoded(effect));
    this.costs.spentNs += process.hrtime.bigint() - startedNs;
    out.effects.forEach((effect, at) => this.carryOut(effect, messages[at]));
  }

  receive(bytes: Uint8Array): void {
    if (!this.running) return;
    const startedNs = process.hrtime.bigint();
    const message = decodeMessage(bytes);
    this.costs.spentNs += process.hrtime.bigint() - startedNs;
    this.costs.receivedBytes += bytes.length;
    this.costs.receivedMessages += 1;
    this.take({ kind: 'message', message });
  }

  private readonly lastEncoded: { message: Message | undefined; bytes: Uint8Array | undefined } = {
    message: undefined,
    bytes: undefined,
  };

  /** One message for many is encoded once, as a host does. */
  private encoded(effect: Effect): Uint8Array | undefined {
    if (effect.kind !== 'send') return undefined;
    const { lastEncoded } = this;
    if (lastEncoded.message !== effect.message) {
      lastEncoded.message = effect.message;
      lastEncoded.bytes = encodeMessage(effect.message);
    }
    return lastEncoded.bytes;
  }

  private carryOut(effect: Effect, bytes: Uint8Array | undefined): void {
    if (effect.kind === 'send' && bytes !== undefined) {
      this.costs.sentBytes += bytes.length;
      this.group.post(effect.to, bytes);
    } else if (effect.kind === 'store') {
      for (const entry of effect.store.log?.entries ?? []) {
        this.costs.storedBytes += entry.encoded.length;
      }
      const { storeNumber } = effect.store;
      this.group.later(() => this.take({ kind: 'stored', storeNumber }));
    } else if (effect.kind === 'answer') {
      this.group.answered(effect.answer.kind === 'outcome');
    }
  }
}

/** Three replicas, and a client that keeps so many requests under way at the first. */
class MeteredGroup {
  readonly replicas: readonly Metered[];
  private work: (() => void)[] = [];
  private nowMs = 1_000;
  private asked = 0;
  private done = 0;

  constructor(roles: readonly Role[]) {
    const members = roles.map((role, number) => ({
      replicaNumber: number as ReplicaNumber,
      nodeId: `node-${number}`,
      role,
      peerUrl: '',
      clientUrl: '',
    }));
    const epoch = firstEpoch({ epochNumber: 0 as EpochNumber, members });
    this.replicas = members.map((_, number) => new Metered(this, epoch, number));
    for (const replica of this.replicas) replica.take(startOf(epoch));
    this.idle(300);
  }

  now(): Now {
    return { monotonicMs: monotonicMs(this.nowMs), wallSeconds: 1_700_000_000, wallNanos: 0 };
  }

  post(to: number, bytes: Uint8Array): void {
    this.later(() => this.replicas[to]?.receive(bytes));
  }

  later(work: () => void): void {
    this.work.push(work);
  }

  answered(isOutcome: boolean): void {
    if (!isOutcome) throw new Error('a request has failed');
    this.done += 1;
  }

  idle(ms: number): void {
    for (let passed = 0; passed < ms; passed += TICK_MS) this.turn(TICK_MS);
  }

  /** So many requests; a turn of the group is a millisecond. Returns what each replica has done. */
  run(requests: number, outstanding: number): readonly Costs[] {
    for (const replica of this.replicas) replica.costs = noCosts();
    const last = this.done + requests;
    while (this.done < last) {
      while (this.asked < last && this.asked - this.done < outstanding) this.ask();
      this.turn(1);
    }
    return this.replicas.map(({ costs }) => costs);
  }

  private ask(): void {
    this.asked += 1;
    const request = requestOf(this.asked);
    const deadlineMs = monotonicMs(this.nowMs + 60_000);
    this.replicas[0]?.take({ kind: 'request', request, deadlineMs });
  }

  /** Everything that is under way, to the end; then a flush, as when a host has nothing more to do. */
  private turn(ms: number): void {
    const ticks = Math.floor((this.nowMs + ms) / TICK_MS) > Math.floor(this.nowMs / TICK_MS);
    this.nowMs += ms;
    if (ticks) for (const replica of this.replicas) replica.take({ kind: 'tick' });
    do {
      const { work } = this;
      this.work = [];
      for (const one of work) one();
      if (this.work.length > 0) continue;
      for (const replica of this.replicas) replica.take({ kind: 'flush' });
    } while (this.work.length > 0);
  }
}

function noCosts(): Costs {
  return { spentNs: 0n, sentBytes: 0, receivedBytes: 0, receivedMessages: 0, storedBytes: 0 };
}

function startOf(epoch: Epoch): Input {
  return {
    kind: 'start',
    life: {
      incarnation: 1 as Incarnation,
      nonce: toByteString(new Uint8Array(16)),
      promise: {
        epochNumber: 0 as EpochNumber,
        viewNumber: 0 as ViewNumber,
        incarnations: [],
        epoch,
      },
      promiseLost: false,
      log: { kind: 'fresh' },
    },
  };
}

function requestOf(n: number): Request {
  const key = toByteString(createHash('sha256').update(String(n)).digest());
  return {
    name: { kind: 'keyed', keyHash: key },
    principal: 'bench',
    service: 'counter',
    operation: encodeCounterOperation({ kind: 'add', name: `c${n % 1000}`, by: 1 }),
    requestHash: key,
    ackedBelow: 0 as Request['ackedBelow'],
  };
}

/** Per request, but for what is counted over all of them. */
export interface CoreCosts {
  readonly part: string;
  readonly replica: number;
  readonly role: string;
  /** In the core and its codec, by the clock: on a busy machine more than their CPU time. */
  readonly micros: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly bytesWritten: number;
  readonly messagesTaken: number;
  readonly entriesHeld: number;
}

/** Three cores in one process: messages encoded and decoded as on the wire, disks that only count, no sockets. */
export function measureCores(requests: number, outstanding: number): CoreCosts[] {
  const measured = (part: string, group: MeteredGroup) =>
    rowsOf(part, group, group.run(requests, outstanding), requests);
  const three = new MeteredGroup(['active', 'active', 'active']);
  three.run(requests, outstanding);
  const rows = measured('three actives', three);
  const two = new MeteredGroup(['active', 'active', 'witness']);
  two.run(requests, outstanding);
  rows.push(...measured('two actives and a witness', two));
  const [, backup] = two.replicas;
  if (backup !== undefined) backup.running = false;
  two.run(outstanding, outstanding);
  return [...rows, ...measured('replica 1 is dead, the witness stands in', two)];
}

function rowsOf(
  part: string,
  group: MeteredGroup,
  costs: readonly Costs[],
  requests: number,
): CoreCosts[] {
  return group.replicas.flatMap(({ number, replica, running }, at) => {
    const cost = costs[at];
    if (cost === undefined || !running) return [];
    const { epoch, opNumber, baseNumber } = replica.view(group.now());
    return {
      part,
      replica: number,
      role: epoch.configuration.members[at]?.role ?? '',
      micros: Number(cost.spentNs) / 1000 / requests,
      bytesOut: cost.sentBytes / requests,
      bytesIn: cost.receivedBytes / requests,
      bytesWritten: cost.storedBytes / requests,
      messagesTaken: cost.receivedMessages,
      entriesHeld: opNumber - baseNumber,
    };
  });
}
