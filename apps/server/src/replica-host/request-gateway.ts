import {
  OPERATION_BYTES_MAX,
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
}

type Told<T> = (value: T) => void;

/** A request under way, with everybody here who waits for it. */
interface Parked {
  readonly principal: string;
  readonly requestHash: ByteString;
  readonly callers: Told<Answer>[];
}

/**
 * Where doors hand in operations, queries and keepalives. Each is answered exactly once, at its deadline at the latest.
 * Callers that name the same request share one: a retry through the same door costs the group nothing.
 */
export class RequestGateway implements AnswerDesk {
  private readonly parked = new Map<string, Parked>();
  private readonly reads = new Map<number, Told<ReadResult>>();
  private readonly keepAlives = new Map<number, Told<KeptAlive>>();
  private readonly hash: HashFunction;
  private mailbox: Mailbox | undefined;
  private lastId = 0;
  private stopping = false;
  private readonly idle: (() => void)[] = [];

  constructor(hash: HashFunction) {
    this.hash = hash;
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
    const { principal, requestHash } = request;
    this.parked.set(key, { principal, requestHash, callers: [told] });
    mailbox.post({ kind: 'request', request, deadlineMs: deadline(submission.timeoutMs) });
  }

  read(
    service: string,
    query: Uint8Array,
    consistency: Consistency,
    timeoutMs: number,
    told: Told<ReadResult>,
  ): void {
    const { mailbox } = this;
    if (mailbox === undefined || this.stopping) {
      told({ kind: 'problem', code: 'no-primary' });
      return;
    }
    const readId = this.nextId();
    this.reads.set(readId, told);
    const deadlineMs = deadline(timeoutMs);
    mailbox.post({ kind: 'read', read: { readId, service, query, consistency, deadlineMs } });
  }

  keepAlive(session: string, principal: string, timeoutMs: number, told: Told<KeptAlive>): void {
    const { mailbox } = this;
    if (mailbox === undefined || this.stopping) {
      told({ kind: 'problem', code: 'no-primary' });
      return;
    }
    const keepAliveId = this.nextId();
    this.keepAlives.set(keepAliveId, told);
    const deadlineMs = deadline(timeoutMs);
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
    for (const told of parked.callers) told(answer);
    this.checkIdle();
  }

  onKeptAlive(keepAliveId: number, result: KeptAlive): void {
    const told = this.keepAlives.get(keepAliveId);
    this.keepAlives.delete(keepAliveId);
    told?.(result);
    this.checkIdle();
  }

  onRead(readId: number, result: ReadResult): void {
    const told = this.reads.get(readId);
    this.reads.delete(readId);
    told?.(result);
    this.checkIdle();
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

const deadline = (timeoutMs: number): ReturnType<typeof monotonicMs> =>
  monotonicMs(monotonicNow() + timeoutMs);
