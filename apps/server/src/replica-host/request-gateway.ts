import {
  OPERATION_BYTES_MAX,
  SESSIONS,
  monotonicMs,
  nameKey,
  opNumber,
  requestNumber,
  type Answer,
  type ByteString,
  type Consistency,
  type HashFunction,
  type KeptAlive,
  type ReadResult,
  type Request,
  type RequestName,
  type SessionId,
} from '@lockstep/vr-core';
import type { AnsweredCall, CallWatcher, Origin, Originated } from './call-watcher';
import { monotonicNow } from './host-clock';
import type { Mailbox } from './mailbox';
import type { AnswerDesk } from './replica-host';

/** A client's operation, as a door hands it in. */
export interface Submission {
  readonly name: RequestName;
  readonly principal: string;
  readonly service: string;
  readonly operation: Uint8Array;
  /** 0 for keyed requests. */
  readonly ackedBelow: number;
  /** After this it is answered `no-primary` or `outcome-unknown`. */
  readonly timeoutMs: number;
  readonly about?: About;
}

/** A client's query, as a door hands it in. */
export interface Inquiry {
  readonly service: string;
  readonly query: Uint8Array;
  readonly consistency: Consistency;
  readonly timeoutMs: number;
  readonly about?: About;
}

/** For whoever watches: the kind of the operation or query, and where it comes from. */
export interface About {
  readonly kind: string;
  readonly origin: Origin | undefined;
}

type Told<T> = (value: T) => void;

/** A request under way, with everybody here who waits for it. */
interface Parked {
  readonly principal: string;
  readonly requestHash: ByteString;
  readonly callers: Told<Answer>[];
  readonly sinceMs: number;
  readonly about: About | undefined;
}

interface Asked<T> {
  readonly told: Told<T>;
  readonly service: string;
  readonly sinceMs: number;
  readonly about: About | undefined;
}

/**
 * Where doors hand in operations, queries and keepalives. Each is answered exactly once, at its deadline at the latest.
 * Callers that name the same request share one: a retry through the same door costs the group nothing.
 */
export class RequestGateway implements AnswerDesk {
  private readonly parked = new Map<string, Parked>();
  private readonly reads = new Map<number, Asked<ReadResult>>();
  private readonly keepAlives = new Map<number, Asked<KeptAlive>>();
  private readonly hash: HashFunction;
  private readonly watcher: CallWatcher | undefined;
  private mailbox: Mailbox | undefined;
  private lastId = 0;
  private stopping = false;
  private readonly idle: (() => void)[] = [];

  constructor(hash: HashFunction, watcher?: CallWatcher) {
    this.hash = hash;
    this.watcher = watcher;
  }

  /** Until this is called, and after `drain`, everything is answered `no-primary`. */
  open(mailbox: Mailbox): void {
    this.mailbox = mailbox;
  }

  /** Answers that somebody waits for. */
  get outstanding(): number {
    return this.parked.size + this.reads.size + this.keepAlives.size;
  }

  submit(submission: Submission, told: Told<Answer>): void {
    const { mailbox } = this;
    if (mailbox === undefined || this.stopping) {
      told({ kind: 'problem', code: 'no-primary' });
      return;
    }
    const request = this.requestOf(submission);
    const key = nameKey(request);
    const parked = this.parked.get(key);
    if (parked !== undefined) {
      // The name of a session's request is no secret: its answer is.
      if (parked.principal !== request.principal)
        told({ kind: 'problem', code: 'not-your-session' });
      else if (parked.requestHash === request.requestHash) parked.callers.push(told);
      else told({ kind: 'problem', code: 'request-reused' });
      return;
    }
    const sinceMs = monotonicNow();
    const { about, timeoutMs } = submission;
    const { principal, requestHash } = request;
    this.parked.set(key, { principal, requestHash, callers: [told], sinceMs, about });
    mailbox.post({ kind: 'request', request, deadlineMs: monotonicMs(sinceMs + timeoutMs) });
  }

  read({ service, query, consistency, timeoutMs, about }: Inquiry, told: Told<ReadResult>): void {
    const { mailbox } = this;
    if (mailbox === undefined || this.stopping) {
      told({ kind: 'problem', code: 'no-primary' });
      return;
    }
    const readId = this.nextId();
    const sinceMs = monotonicNow();
    this.reads.set(readId, { told, service, sinceMs, about });
    const deadlineMs = monotonicMs(sinceMs + timeoutMs);
    mailbox.post({ kind: 'read', read: { readId, service, query, consistency, deadlineMs } });
  }

  keepAlive(
    session: string,
    principal: string,
    timeoutMs: number,
    told: Told<KeptAlive>,
    about?: About,
  ): void {
    const { mailbox } = this;
    if (mailbox === undefined || this.stopping) {
      told({ kind: 'problem', code: 'no-primary' });
      return;
    }
    const keepAliveId = this.nextId();
    const sinceMs = monotonicNow();
    this.keepAlives.set(keepAliveId, { told, service: SESSIONS, sinceMs, about });
    const deadlineMs = monotonicMs(sinceMs + timeoutMs);
    mailbox.post({
      kind: 'keep-alive',
      keepAliveId,
      session: session as SessionId,
      principal,
      deadlineMs,
    });
  }

  onAnswer(request: Request, answer: Answer): void {
    const key = nameKey(request);
    const parked = this.parked.get(key);
    if (parked === undefined) return;
    this.parked.delete(key);
    if (this.isWatched(parked))
      this.watcher?.onAnswered({
        call: 'operation',
        request: key,
        op: answer.kind === 'outcome' ? answer.opNumber : undefined,
        ...answeredOf(parked, request.service, answer),
      });
    for (const told of parked.callers) told(answer);
    this.checkIdle();
  }

  onKeptAlive(keepAliveId: number, result: KeptAlive): void {
    const asked = this.keepAlives.get(keepAliveId);
    this.keepAlives.delete(keepAliveId);
    this.tell(asked, 'keep-alive', result);
    this.checkIdle();
  }

  onRead(readId: number, result: ReadResult): void {
    const asked = this.reads.get(readId);
    this.reads.delete(readId);
    this.tell(asked, 'query', result);
    this.checkIdle();
  }

  private tell<T extends Ended>(
    asked: Asked<T> | undefined,
    call: AnsweredCall['call'],
    result: T,
  ): void {
    if (asked === undefined) return;
    if (this.isWatched(asked)) {
      const about = answeredOf(asked, asked.service, result);
      this.watcher?.onAnswered({ call, request: undefined, op: undefined, ...about });
    }
    asked.told(result);
  }

  private isWatched({ sinceMs, about }: Pick<Parked, 'sinceMs' | 'about'>): boolean {
    if (this.watcher === undefined) return false;
    return about?.origin?.trace !== undefined || monotonicNow() - sinceMs >= this.watcher.slowMs;
  }

  /** Takes nothing new; resolves when nobody waits any more. */
  drain(): Promise<void> {
    this.stopping = true;
    return new Promise((resolve) => {
      this.idle.push(resolve);
      this.checkIdle();
    });
  }

  private checkIdle(): void {
    if (!this.stopping || this.outstanding > 0) return;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private requestOf({ name, principal, service, operation, ackedBelow }: Submission): Request {
    return {
      name,
      principal,
      service,
      operation,
      requestHash: requestHashOf(service, operation, this.hash),
      ackedBelow: requestNumber(ackedBelow),
    };
  }

  private nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }
}

/** Of a JSON operation or query; its kind is one that its service knows, or it would not have come as far as here. */
export const aboutOf = ({ kind }: { readonly kind?: unknown }, { origin }: Originated): About => ({
  kind: typeof kind === 'string' ? kind : '',
  origin,
});

interface Ended {
  readonly kind: string;
  readonly code?: string;
}

const answeredOf = (
  { sinceMs, about }: Pick<Parked, 'sinceMs' | 'about'>,
  service: string,
  { kind, code }: Ended,
): Omit<AnsweredCall, 'call' | 'request' | 'op'> => ({
  service,
  kind: about?.kind,
  origin: about?.origin,
  sinceMs,
  answeredMs: monotonicNow(),
  outcome: kind === 'problem' ? (code ?? kind) : 'ok',
});

/** The same name with another service or operation is another request. (decision 1) */
export function requestHashOf(
  service: string,
  operation: Uint8Array,
  hash: HashFunction,
): ByteString {
  // A service's name is ASCII without a zero byte, so where it ends is never in doubt.
  const start = service.length + 1;
  const hashed = Buffer.allocUnsafe(start + operation.length);
  hashed.write(service, 'latin1');
  hashed[start - 1] = 0;
  hashed.set(operation, start);
  return hash(hashed);
}

export const LINEARIZABLE: Consistency = { kind: 'linearizable' };

export const stale = (minOp: number, maxStalenessMs: number): Consistency => ({
  kind: 'stale',
  minOp: opNumber(minOp),
  maxStalenessMs,
});

export { OPERATION_BYTES_MAX };
