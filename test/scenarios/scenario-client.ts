import {
  counterAnswer,
  decodeCounterOutcome,
  decodeLockOutcome,
  encodeCounterQuery,
  type LockOutcome,
} from '@lockstep/state-machines';
import {
  decode,
  decodeSessionOutcome,
  type Answer,
  type KeptAlive,
  type OpNumber,
  type ReadResult,
  type RequestName,
  type RequestNumber,
  type SessionId,
} from '@lockstep/vr-core';
import type { CounterModel } from '../simulation/checks/counter-model';
import type { Doors } from '../simulation/clients/doors';
import { keyedName, requestOf, type Operation } from '../simulation/services';
import type { SimulatedHost } from '../simulation/simulated-host';

export interface ClientWorld {
  readonly doors: Doors;
  readonly counters: CounterModel;
  host(number: number): SimulatedHost;
  /** Where a client that does not care would go. */
  anyDoor(): SimulatedHost;
  after(delayMs: number, action: () => void): void;
}

const TIMEOUT_MS = 2000;
const RETRY_MS = 300;

/** Something asked, under one name. */
export class Asked<T> {
  /** In the order in which they came. */
  readonly answers: T[] = [];
  private readonly send: (door: SimulatedHost) => void;

  constructor(send: (asked: Asked<T>, door: SimulatedHost) => void) {
    this.send = (door) => send(this, door);
  }

  get answer(): T | undefined {
    return this.answers[0];
  }

  /** Once more, under the same name, at this door. */
  again(door: SimulatedHost): void {
    this.send(door);
  }
}

/** A client in a scenario: it asks where it is told to, or keeps asking until somebody answers. */
export class ScenarioClient {
  readonly name: string;
  /** What it keeps asking until there is an answer. */
  readonly persistent: Asked<unknown>[] = [];
  private readonly world: ClientWorld;
  private asked = 0;

  constructor(name: string, world: ClientWorld) {
    this.name = name;
    this.world = world;
  }

  /** Without a session, under a key of its own. With `at` it is sent once, to that replica's door. */
  request(operation: Operation, at?: number): Asked<Answer> {
    return this.submit(keyedName(`${this.name} ${(this.asked += 1)}`), operation, at);
  }

  /** In a session, as request `requestNumber`. */
  numbered(
    session: SessionId,
    requestNumber: number,
    operation: Operation,
    { at, ackedBelow = 0 }: { readonly at?: number; readonly ackedBelow?: number } = {},
  ): Asked<Answer> {
    const name: RequestName = {
      kind: 'numbered',
      session,
      requestNumber: requestNumber as RequestNumber,
    };
    return this.submit(name, operation, at, ackedBelow);
  }

  keepAlive(session: SessionId, at?: number): Asked<KeptAlive> {
    return this.ask(at, ({ answers }, door) =>
      this.world.doors.keepAlive(door, { session, principal: this.name }, TIMEOUT_MS, (answer) => {
        if (answer !== 'connection-lost') answers.push(answer);
      }),
    );
  }

  /** A counter's value, linearizable, or with `minOp` as this replica has it. */
  read(counter: string, at?: number, minOp?: number): Asked<ReadResult> {
    const query = {
      service: 'counter',
      bytes: encodeCounterQuery({ kind: 'get', name: counter }),
      consistency:
        minOp === undefined
          ? ({ kind: 'linearizable' } as const)
          : ({ kind: 'stale', minOp: minOp as OpNumber, maxStalenessMs: 60_000 } as const),
    };
    return this.ask(at, ({ answers }, door) =>
      this.world.doors.ask(door, query, TIMEOUT_MS, (answer) => {
        if (answer !== 'connection-lost') answers.push(answer);
      }),
    );
  }

  private submit(
    name: RequestName,
    operation: Operation,
    at?: number,
    ackedBelow = 0,
  ): Asked<Answer> {
    const request = requestOf(name, this.name, operation, ackedBelow);
    if (request.service === 'counter') this.world.counters.sent(request);
    return this.ask(at, ({ answers }, door) =>
      this.world.doors.request(door, request, TIMEOUT_MS, (answer) => {
        if (answer !== 'connection-lost') answers.push(answer);
      }),
    );
  }

  private ask<T>(
    at: number | undefined,
    send: (asked: Asked<T>, door: SimulatedHost) => void,
  ): Asked<T> {
    const asked = new Asked<T>(send);
    if (at === undefined) this.persist(asked);
    else asked.again(this.world.host(at));
    return asked;
  }

  private persist<T>(asked: Asked<T>): void {
    this.persistent.push(asked);
    const attempt = (): void => {
      // "Try again" is no answer for a client that keeps asking.
      const settled = asked.answers.filter((answer) => !isTryAgain(answer));
      asked.answers.splice(0, asked.answers.length, ...settled);
      if (settled.length > 0) return;
      asked.again(this.world.anyDoor());
      this.world.after(RETRY_MS, attempt);
    };
    attempt();
  }
}

function isTryAgain(answer: unknown): boolean {
  const { kind, code } = answer as { kind?: string; code?: string };
  return (
    kind === 'problem' && ['no-primary', 'outcome-unknown', 'busy', 'moved'].includes(String(code))
  );
}

/** The value that an add has led to. */
export function counted(asked: Asked<Answer>): number | undefined {
  const { answer } = asked;
  return answer?.kind === 'outcome' ? decodeCounterOutcome(answer.bytes).value : undefined;
}

/** The value that a read has shown. */
export function shown(asked: Asked<ReadResult>): number | undefined {
  const { answer } = asked;
  return answer?.kind === 'outcome' ? decode(counterAnswer, answer.outcome.bytes).value : undefined;
}

/** What has become of an acquire or a release. */
export function lockOutcome(asked: Asked<Answer>): LockOutcome | undefined {
  const { answer } = asked;
  return answer?.kind === 'outcome' ? decodeLockOutcome(answer.bytes) : undefined;
}

/** The fence of the lock that was granted. */
export function fenceIn(asked: Asked<Answer>): bigint {
  const outcome = lockOutcome(asked);
  const grant = outcome?.kind === 'granted' ? outcome.grants[0] : undefined;
  if (grant === undefined) throw new Error(`not granted: ${outcome?.kind ?? 'no answer'}`);
  return grant.fence;
}

/** The session that was opened. */
export function opened(asked: Asked<Answer>): SessionId {
  const { answer } = asked;
  const outcome = answer?.kind === 'outcome' ? decodeSessionOutcome(answer.bytes) : undefined;
  if (outcome?.kind !== 'opened') throw new Error('no session has been opened');
  return outcome.id;
}
