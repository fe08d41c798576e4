import { counterAnswer, encodeCounterQuery } from '@lockstep/state-machines';
import {
  decode,
  nameKey,
  type Answer,
  type Consistency,
  type OpNumber,
  type ReadResult,
  type Request,
  type RequestName,
  type RequestNumber,
} from '@lockstep/vr-core';
import type { Chance } from '../chance';
import { keyedName, requestOf, type Operation } from '../services';
import type { SimulatedHost } from '../simulated-host';
import { holds } from '../violation';
import { Caller } from './caller';
import { MAX_STALENESS_MS } from '../checks/client-history';
import type { OperationKind } from './client-plan';
import type { ClientWorld } from './client-world';
import type { OpenSession } from './open-session';
import { SessionLease, settlesNothing } from './session-lease';
import { Workload } from './workload';

const GIVEN_UP: readonly string[] = ['too-stale', 'no-lease'];

/** A client that is further ahead of its oldest unanswered request waits for that one. (decision 1: the window) */
const NUMBERS_AHEAD_MAX = 1000;

/** A client with a session, a few requests under way at a time, and no knowledge of how the group is made. */
export class SimulatedClient {
  readonly name: string;
  private readonly world: ClientWorld;
  private readonly chance: Chance;
  private readonly caller: Caller;
  private readonly lease: SessionLease;
  private readonly workload: Workload;
  private keys = 0;
  private stopped = false;

  constructor(name: string, world: ClientWorld) {
    this.name = name;
    this.world = world;
    this.chance = world.chance.stream(name);
    this.caller = new Caller(world, this.chance);
    this.lease = new SessionLease(world, this.chance, this.caller, name);
    this.workload = new Workload(this.chance, world.plan);
  }

  /** Calls under way. */
  get pending(): number {
    return this.caller.pending;
  }

  start(): void {
    this.lease.open();
    this.think();
  }

  /** Asks nothing new. What is under way goes on until it is answered. */
  stop(): void {
    this.stopped = true;
    this.lease.stop();
  }

  /** The process is gone: nobody waits, nobody releases, nobody keeps the session alive. */
  die(): void {
    this.stop();
    this.caller.die();
  }

  /** An add without a session. */
  add(): void {
    const name = keyedName(`${this.name} ${(this.keys += 1)}`);
    this.submit(requestOf(name, this.name, this.workload.addition(), 0), undefined);
  }

  private think(): void {
    const { time, plan } = this.world;
    time.after(this.chance.exponential(plan.thinkMeanMs), () => {
      if (this.stopped) return;
      if (this.caller.pending < plan.outstandingMax) this.act(this.workload.next());
      this.think();
    });
  }

  private act(kind: OperationKind): void {
    const { workload } = this;
    const session = this.lease.current;
    if (kind === 'read' || kind === 'stale-read' || kind === 'lease-read') {
      return this.readCounter(kind);
    }
    if (kind === 'keyed-add') return this.add();
    if (session === undefined) return;
    switch (kind) {
      case 'add':
        return this.submitNumbered(session, () => workload.addition());
      case 'acquire':
        return this.submitNumbered(session, (name) => workload.acquisition(session, name));
      case 'release':
        return this.submitNumbered(session, (name) => workload.release(session, name));
      case 'cancel':
        return this.submitNumbered(session, (name) => workload.cancellation(session, name));
    }
  }

  private submitNumbered(session: OpenSession, make: (name: string) => Operation): void {
    const { ackedBelow } = session;
    if (session.lastNumber - ackedBelow >= NUMBERS_AHEAD_MAX) return;
    const requestNumber = session.nextNumber() as RequestNumber;
    const name: RequestName = { kind: 'numbered', session: session.id, requestNumber };
    const key = nameKey({ name, principal: this.name });
    this.submit(requestOf(name, this.name, make(key), ackedBelow), session);
  }

  private submit(request: Request, session: OpenSession | undefined): void {
    const { world } = this;
    const asked = world.history.asked();
    if (request.service === 'counter') world.counters.sent(request);
    this.caller.call<Answer>({
      repeatable: true,
      send: (host, timeoutMs, reply) => world.doors.request(host, request, timeoutMs, reply),
      settle: (answer) => {
        if (answer.kind === 'outcome') {
          world.history.wrote(asked, answer);
          this.settled(request, answer.bytes, session);
          return true;
        }
        if (answer.code !== 'session-expired') return settlesNothing(answer.code);
        if (session !== undefined) this.lease.lose(session);
        return true;
      },
    });
  }

  private settled(request: Request, bytes: Uint8Array, session: OpenSession | undefined): void {
    if (request.service === 'counter') this.world.counters.acknowledged(request);
    if (session === undefined || request.name.kind !== 'numbered') return;
    session.answered(request.name.requestNumber);
    this.workload.remember(session, request, bytes);
  }

  private readCounter(kind: ReadKind): void {
    const { world } = this;
    const counter = this.workload.counter();
    const asked = world.history.asked();
    const minOp = this.chance.happens(0.5) ? asked.floor.opNumber : 0;
    const query = {
      service: 'counter',
      bytes: encodeCounterQuery({ kind: 'get', name: counter }),
      consistency: consistencyOf(kind, minOp as OpNumber),
    };
    this.caller.call<ReadResult>({
      repeatable: false,
      send: (host, timeoutMs, reply) => world.doors.ask(host, query, timeoutMs, reply),
      settle: (result, host) => {
        if (result.kind !== 'outcome') return isOver(result);
        if (kind === 'stale-read') world.history.readStale(result, minOp);
        else world.history.read(asked, result);
        this.checkValue(counter, result, host);
        return true;
      },
    });
  }

  private checkValue(
    counter: string,
    { opNumber, outcome }: Extract<ReadResult, { kind: 'outcome' }>,
    host: SimulatedHost,
  ): void {
    const { counters } = this.world;
    const committed = this.world.committed();
    holds(
      'reads: nothing uncommitted',
      opNumber <= committed,
      () => `replica ${host.self} shows op ${opNumber}, committed is ${committed}`,
    );
    const { value } = decode(counterAnswer, outcome.bytes);
    holds(
      'reads: the state at the op they name',
      value === counters.valueAt(counter, opNumber),
      () =>
        `replica ${host.self} shows ${counter} = ${value} after op ${opNumber}, ` +
        `it was ${counters.valueAt(counter, opNumber)}`,
    );
  }
}

type ReadKind = Extract<OperationKind, 'read' | 'stale-read' | 'lease-read'>;

function consistencyOf(kind: ReadKind, minOp: OpNumber): Consistency {
  if (kind === 'stale-read') return { kind: 'stale', minOp, maxStalenessMs: MAX_STALENESS_MS };
  return { kind: kind === 'read' ? 'linearizable' : 'lease' };
}

function isOver(result: Exclude<ReadResult, { kind: 'outcome' }>): boolean {
  holds('reads: well-formed', result.kind === 'problem', () => 'a query is refused as malformed');
  // A stale read may find nobody fresh enough, one by lease no lease: it is given up.
  if (result.kind !== 'problem' || GIVEN_UP.includes(result.code)) return true;
  return settlesNothing(result.code);
}
