import type { ByteString } from '../encoding/byte-string';
import { fnvHash } from '../encoding/fnv-hash';
import { keyU32, keyU64 } from '../encoding/key';
import { Writer } from '../encoding/writer';
import type { Answer } from '../execution/answer';
import { createExecution, type Executed, type Execution } from '../execution/execution';
import type { ExecutedEvent } from '../events/event-table';
import { sealRequest, type Request } from '../messages/request';
import {
  clusterMs,
  epochNumber,
  nextOp,
  opNumber,
  viewNumber,
  type ClusterMs,
  type RequestNumber,
} from '../numbers/numbers';
import {
  SESSIONS,
  decodeSessionOutcome,
  encodeSessionOperation,
  type OpenSession,
} from '../sessions/operations';
import { GENESIS_HASH } from '../state/log-place';
import { makeEntry, type SealedBody, type HashFunction } from '../state/log-entry';
import type { Outcome, Plugin, SessionId } from './state-machine';
import { createStateStore } from './state-store';
import type { StateStore } from './tables';

/** Who asks in a solo when a test does not say. */
const LOCAL = 'local';

/** A solo's wall clock reads this when its cluster clock reads 0. */
const WALL_SECONDS_AT_START = 1_700_000_000;

export interface SubmitOptions {
  readonly principal?: string;
  readonly session?: SessionId;
  /** By default the op-number it will have, with everything below acknowledged. */
  readonly requestNumber?: number;
  /** 0 by default when `requestNumber` is given. */
  readonly ackedBelow?: number;
  /** Without a session: the Idempotency-Key, one never used before by default. */
  readonly idempotencyKey?: string;
}

/**
 * A group of one without the protocol: the same execution, sessions, timers and tables as behind the log, a cluster
 * clock that moves when told to. For tests of plug-ins, and for whoever wants the services inside one process.
 */
export interface Solo {
  readonly execution: Execution;
  readonly clusterMs: ClusterMs;
  /** Every event so far. */
  readonly events: readonly ExecutedEvent[];
  openSession(options?: Partial<OpenSession> & { readonly principal?: string }): SessionId;
  closeSession(session: SessionId, options?: SubmitOptions): Answer;
  /** One operation in an entry of its own. Throws `Malformed` when the bytes are no operation of the service. */
  submit(service: string, operation: Uint8Array, options?: SubmitOptions): Answer;
  read(service: string, query: Uint8Array): Outcome;
  /** Moves the cluster clock, with every Tick that is due on the way at the time it is due. */
  advance(ms: number): void;
  /** Moves the cluster clock and lets no Tick happen: what is overdue stays so until the next `advance`. */
  stall(ms: number): void;
  /** A Tick with these touches; false for sessions that are gone. */
  keepalive(...sessions: SessionId[]): boolean;
  /** The first entry of another view. */
  newView(): void;
  digest(service?: string): ByteString;
}

/** With a `store` that has a state already, the solo goes on from there, as a restarted replica does. */
export function createSolo(
  plugins: readonly Plugin[],
  hash: HashFunction = fnvHash,
  store: StateStore = createStateStore(hash),
): Solo {
  return new SoloGroup(createExecution({ plugins, hash, store }), hash);
}

class SoloGroup implements Solo {
  readonly execution: Execution;
  readonly events: ExecutedEvent[] = [];
  clusterMs: ClusterMs;
  private readonly hash: HashFunction;
  private view = viewNumber(0);

  constructor(execution: Execution, hash: HashFunction) {
    this.execution = execution;
    this.clusterMs = execution.clusterMs;
    this.hash = hash;
  }

  openSession(options: Partial<OpenSession> & { readonly principal?: string } = {}): SessionId {
    const { principal = LOCAL, ttlMs = 10_000, lockDelayMs = 0, onEnd = 'release' } = options;
    const { name, metadata } = options;
    const operation = { kind: 'open', ttlMs, lockDelayMs, onEnd, name, metadata } as const;
    const answer = this.submit(SESSIONS, encodeSessionOperation(operation), { principal });
    const outcome = answer.kind === 'outcome' ? decodeSessionOutcome(answer.bytes) : undefined;
    if (outcome?.kind !== 'opened') throw new Error('the session was not opened');
    return outcome.id;
  }

  closeSession(session: SessionId, options: SubmitOptions = {}): Answer {
    return this.submit(SESSIONS, encodeSessionOperation({ kind: 'close', session }), options);
  }

  submit(service: string, operation: Uint8Array, options: SubmitOptions = {}): Answer {
    const request = this.requestOf(service, operation, options);
    const problem = this.execution.validate(request);
    if (problem !== undefined) return { kind: 'problem', code: problem };
    const { answers } = this.enter({
      newView: false,
      touched: undefined,
      requests: [sealRequest(request).encoded],
    });
    return (answers[0] as (typeof answers)[number]).answer;
  }

  read(service: string, query: Uint8Array): Outcome {
    return this.execution.read(service, query, this.clusterMs);
  }

  advance(ms: number): void {
    const untilMs = clusterMs(this.clusterMs + ms);
    for (
      let nextMs = this.execution.nextTimerMs();
      nextMs !== undefined && nextMs <= untilMs;
      nextMs = this.execution.nextTimerMs()
    ) {
      if (nextMs > this.clusterMs) this.clusterMs = nextMs;
      this.enter({ newView: false, touched: [], requests: [] });
    }
    this.clusterMs = untilMs;
  }

  stall(ms: number): void {
    this.clusterMs = clusterMs(this.clusterMs + ms);
  }

  keepalive(...sessions: SessionId[]): boolean {
    const { touched } = this.enter({ newView: false, touched: sessions, requests: [] });
    return touched.every(({ deadlineMs }) => deadlineMs !== undefined);
  }

  newView(): void {
    this.view = viewNumber(this.view + 1);
    this.enter({ newView: true, touched: undefined, requests: [] });
  }

  digest(service?: string): ByteString {
    return this.execution.digest(service);
  }

  private enter(body: SealedBody): Executed {
    const entry = makeEntry(
      {
        epochNumber: epochNumber(0),
        viewNumber: this.view,
        opNumber: nextOp(opNumber(this.execution.executed)),
        // A log of which only the newest entry exists: nobody looks for the one before.
        parentHash: GENESIS_HASH,
        clusterMs: this.clusterMs,
        wallSeconds: WALL_SECONDS_AT_START + Math.floor(this.clusterMs / 1_000),
        wallNanos: (this.clusterMs % 1_000) * 1_000_000,
      },
      body,
      this.hash,
    );
    const executed = this.execution.execute(entry);
    for (const event of executed.events) this.events.push(event);
    return executed;
  }

  private requestOf(service: string, operation: Uint8Array, options: SubmitOptions): Request {
    const { principal = LOCAL, session } = options;
    const requestHash = this.hash(hashedBytes(service, operation));
    if (session === undefined) {
      const ackedBelow = 0 as RequestNumber;
      const name = { kind: 'keyed', keyHash: this.keyHashOf(options.idempotencyKey) } as const;
      return { name, principal, service, operation, requestHash, ackedBelow };
    }
    const requestNumber = (options.requestNumber ?? this.execution.executed + 1) as RequestNumber;
    const acked = options.requestNumber === undefined ? requestNumber : 0;
    const ackedBelow = (options.ackedBelow ?? acked) as RequestNumber;
    const name = { kind: 'numbered', session, requestNumber } as const;
    return { name, principal, service, operation, requestHash, ackedBelow };
  }

  private keyHashOf(idempotencyKey: string | undefined): ByteString {
    if (idempotencyKey === undefined) return keyU64(this.execution.executed + 1);
    const writer = new Writer();
    writer.text(idempotencyKey);
    return (keyU32(0xffff_ffff) + this.hash(writer.finish())) as ByteString;
  }
}

function hashedBytes(service: string, operation: Uint8Array): Uint8Array {
  const writer = new Writer(operation.length + 16);
  writer.text(service);
  writer.raw(operation);
  return writer.finish();
}
