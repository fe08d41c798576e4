import type { Execution, OpNumber } from '@lockstep/vr-core';
import type { Calls, QueryCall, Reply, Told } from './calls';
import { subjectsOf, type LockWatch } from './lock-watch';
import { lockOfElection } from './election-name';
import { LAST_OF_OP } from './event-place';
import { textOf } from './json';
import { Problem, malformed } from './problem';

export const WAIT_MS_MAX = 600_000;
/** Past events that are looked through for a change; with more of them the answer is simply given. */
const EVENTS_LOOKED_AT = 10_000;

export type EventLog = Pick<Execution, 'eventsSince' | 'oldestEventOp'>;

/** How long to wait, and the op of what is known already. */
export interface Wait {
  readonly waitMs: number;
  readonly since?: number;
}

/** A query that is answered when what it shows changes, or at the end of the wait. */
export class LongPolls {
  private readonly calls: Calls;
  private readonly watch: LockWatch;
  private readonly log: EventLog;
  private readonly polls = new Set<Poll>();

  constructor(calls: Calls, watch: LockWatch, log: EventLog) {
    this.calls = calls;
    this.watch = watch;
    this.log = log;
  }

  /** The wait that goes with the kind of the query. Throws `Problem` when none does. */
  query(call: QueryCall, wait: Wait, told: Told): void {
    const { kind, request, lock, election, latch } = call.query;
    const { waitMs } = wait;
    if (kind === 'request') this.request(call, textOf(request), waitMs, told);
    else if (kind === 'lock') this.lock(call, textOf(lock), wait, told);
    else if (kind === 'election') this.lock(call, lockOfElection(election), wait, told);
    else if (kind === 'latch') this.latch(call, textOf(latch), waitMs, told);
    else throw malformed('waitMs', 'is for request, lock, election and latch');
  }

  /** Answers when the request waits no longer. State first, then events. (decision 14) */
  request(call: QueryCall, name: string, waitMs: number, told: Told): void {
    const poll = this.poll(call, waitMs, told, {
      isAwaited: (reply) => reply.body['state'] !== 'queued',
      atEnd: (last) => last,
    });
    poll.start((wake) => this.watch.on('request', name, wake));
  }

  /** Answers when the lock differs from what it was at op `since`; 304 when it does not within the wait. */
  lock(call: QueryCall, lock: string, wait: Wait, told: Told): void {
    let first = true;
    const { waitMs, since } = wait;
    const poll = this.poll(call, waitMs, told, {
      isAwaited: () => {
        if (!first) return true;
        first = false;
        return since !== undefined && this.hasChanged(lock, since);
      },
      atEnd: (last) => ({ ...last, status: since === undefined ? last.status : 304 }),
    });
    poll.start((wake) => this.watch.on('lock', lock, wake));
  }

  /** Answers when the latch is open. */
  latch(call: QueryCall, latch: string, waitMs: number, told: Told): void {
    const poll = this.poll(call, waitMs, told, {
      isAwaited: (reply) => reply.body['count'] === 0,
      atEnd: (last) => last,
    });
    poll.start((wake) => this.watch.on('latch', latch, wake));
  }

  /** Nothing more happens here: who waits is told why. */
  endAll(problem: Problem): void {
    for (const poll of [...this.polls]) poll.end(problem);
  }

  private poll(call: QueryCall, waitMs: number, told: Told, awaited: Awaited): Poll {
    const { expiresAtMs = Infinity } = call.principal;
    const poll = new Poll(
      this.calls,
      call,
      // Nobody is told anything after the end of his token.
      Math.max(0, Math.min(waitMs, expiresAtMs - Date.now())),
      (reply) => {
        this.polls.delete(poll);
        told(reply);
      },
      awaited,
    );
    this.polls.add(poll);
    return poll;
  }

  private hasChanged(lock: string, since: number): boolean {
    if (this.log.oldestEventOp() > since + 1) return true;
    const position = { opNumber: since as OpNumber, n: LAST_OF_OP };
    const events = this.log.eventsSince(position, EVENTS_LOOKED_AT);
    return (
      events.length === EVENTS_LOOKED_AT || events.some((event) => subjectsOf(event).lock === lock)
    );
  }
}

interface Awaited {
  isAwaited(reply: Reply): boolean;
  /** The answer when the wait is over. */
  atEnd(last: Reply): Reply;
}

/** One wait: asks, and asks again whenever it is woken by an event that the last answer had not seen. */
class Poll {
  private readonly calls: Calls;
  private readonly call: QueryCall;
  private readonly told: Told;
  private readonly awaited: Awaited;
  private readonly waitMs: number;
  private wokenBy = 0;
  private last: Reply | undefined;
  private asking = false;
  private over = false;
  private ended = false;
  private unwatch: () => void = () => undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(calls: Calls, call: QueryCall, waitMs: number, told: Told, awaited: Awaited) {
    this.calls = calls;
    this.call = call;
    this.waitMs = waitMs;
    this.told = told;
    this.awaited = awaited;
  }

  /** The watch comes first, so that no event falls between the state and the wait. */
  start(watch: (wake: (opNumber: number) => void) => () => void): void {
    this.unwatch = watch((opNumber) => {
      this.wokenBy = opNumber;
      if (!this.asking) this.ask();
    });
    this.timer = setTimeout(() => {
      this.over = true;
      if (!this.asking && this.last !== undefined) this.end(this.awaited.atEnd(this.last));
    }, this.waitMs);
    this.ask();
  }

  private ask(): void {
    this.asking = true;
    // What woke us has been executed here: our own state has seen it.
    const again = this.wokenBy > 0;
    const call: QueryCall = again
      ? { ...this.call, consistency: 'stale', minOp: this.wokenBy }
      : this.call;
    this.calls.query(call, (reply) => {
      this.asking = false;
      this.onReply(reply);
    });
  }

  private onReply(reply: Reply | Problem): void {
    if (this.ended) return;
    if (reply instanceof Problem || this.awaited.isAwaited(reply)) {
      this.end(reply);
      return;
    }
    this.last = reply;
    if (this.wokenBy > (reply.opNumber ?? 0)) this.ask();
    else if (this.over) this.end(this.awaited.atEnd(reply));
  }

  end(reply: Reply | Problem): void {
    this.ended = true;
    clearTimeout(this.timer);
    this.unwatch();
    this.told(reply);
  }
}
