import { urlsOf } from './cluster';
import { ClosedError, ProblemError } from './errors';
import type { Link } from './link';
import { isPassing, isSaidElsewhere } from './passing';
import {
  ITEMS_PER_MESSAGE_MAX,
  type AnswerItem,
  type Problem,
  type Question,
  type RequestItem,
} from './protocol';

/** How often deadlines, retries and silence are looked at. */
const SWEEP_MS = 25;
/** A sweep that comes so late says that this process stood still, not that the replica did. */
const SWEEP_LATE_MS = 200;
const RETRY_MS_MIN = 20;
const RETRY_MS_MAX = 500;
/** A replica that owes answers and says nothing for so long hangs, for all we can tell. */
const SILENCE_MS_MIN = 1000;
const SILENCE_MS_MAX = 8000;

export interface AskOptions {
  /** Called for every attempt, since what the client has seen meanwhile goes along. */
  readonly question: () => Question;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** A long poll: silence is no sign of anything. */
  readonly patient?: boolean;
}

export interface Reply {
  readonly result: unknown;
  /** `<op>.<index>` of an operation, `<op>` of what a read saw. */
  readonly op: string | undefined;
  readonly replayed: boolean;
}

/** The deadline passed. `sent` is false when no replica can have taken the question. */
export class Unanswered extends Error {
  readonly sent: boolean;

  constructor(sent: boolean) {
    super('no answer in time');
    this.sent = sent;
  }
}

interface Call {
  readonly options: AskOptions;
  readonly id: number;
  readonly deadlineMs: number;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
  link: Link | undefined;
  sentMs: number;
  retryAtMs: number;
  attempts: number;
  /** An earlier attempt left this process and was not surely refused. */
  mayHaveHappened: boolean;
  onAbort: (() => void) | undefined;
}

/** What the exchange needs of the connection. */
export interface Links {
  readonly current: Link | undefined;
  suspect(link: Link): void;
  redirect(link: Link, urls: readonly string[]): void;
  release(link: Link): void;
}

/**
 * Asks questions and brings each one answer, or its deadline. Whatever happens in between - a link that closes, a
 * replica without a primary, one that hangs - the same question under the same name goes to the next replica.
 * All questions of one turn of the event loop travel in one message.
 */
export class Exchange {
  readonly #links: Links;
  readonly #renews: boolean; // Another token follows one that has expired.
  readonly #calls = new Map<number, Call>();
  #waiting: Call[] = [];
  #nextId = 1;
  #flushing = false;
  #closed = false;
  #sweeping: ReturnType<typeof setInterval> | undefined;
  #sweptMs = 0;
  #heardMs = 0;
  #silenceMs = SILENCE_MS_MIN;
  readonly #suspects = new WeakSet<Link>();
  #lastOp = 0;

  constructor(links: Links, renews = false) {
    this.#links = links;
    this.#renews = renews;
  }

  /** The highest op-number that any answer has told of. */
  get lastOp(): number {
    return this.#lastOp;
  }

  /** Rejects with `ProblemError`, `Unanswered`, `ClosedError`, or the reason of the signal. */
  ask(options: AskOptions): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new ClosedError());
      if (options.signal?.aborted === true) return reject(options.signal.reason as Error);
      const call: Call = {
        options,
        id: this.#nextId++,
        deadlineMs: performance.now() + options.timeoutMs,
        resolve,
        reject,
        link: undefined,
        sentMs: 0,
        retryAtMs: 0,
        attempts: 0,
        mayHaveHappened: false,
        onAbort: undefined,
      };
      this.#calls.set(call.id, call);
      if (options.signal !== undefined) this.#watch(call, options.signal);
      this.#send(call);
      this.#startSweeping();
    });
  }

  /** Another link is in use now: what waited goes out, and what hangs at a suspected replica goes out again. */
  linkUp(previous: Link | undefined): void {
    this.#heardMs = performance.now();
    for (const call of this.#calls.values()) {
      if (call.link !== undefined && this.#suspects.has(call.link)) this.#takeBack(call);
      else if (call.retryAtMs > 0) this.#send(call);
    }
    if (previous !== undefined) this.#releaseIfDone(previous);
    this.#scheduleFlush();
  }

  /** Everything asked on this link may have happened and has no answer: ask again elsewhere. */
  linkDown(link: Link): void {
    for (const call of this.#calls.values()) if (call.link === link) this.#takeBack(call);
    this.#scheduleFlush();
  }

  onAnswers(link: Link, answers: readonly AnswerItem[]): void {
    this.#heardMs = performance.now();
    this.#silenceMs = SILENCE_MS_MIN;
    for (const answer of answers) {
      const call = this.#calls.get(answer.id);
      if (call === undefined) continue; // Aborted, past its deadline, or answered elsewhere.
      if (answer.problem === undefined) this.#succeed(call, answer);
      else if (this.#mayPass(answer.problem)) this.#retry(call, answer.problem, link);
      else this.#fail(call, new ProblemError(answer.problem));
    }
    if (link !== this.#links.current) this.#releaseIfDone(link);
  }

  close(): void {
    this.#closed = true;
    for (const call of [...this.#calls.values()]) this.#fail(call, new ClosedError());
    this.#stopSweeping();
  }

  #watch(call: Call, signal: AbortSignal): void {
    call.onAbort = () => this.#fail(call, signal.reason as Error);
    signal.addEventListener('abort', call.onAbort, { once: true });
  }

  #send(call: Call): void {
    call.link = undefined;
    call.retryAtMs = 0;
    this.#waiting.push(call);
    this.#scheduleFlush();
  }

  #takeBack(call: Call): void {
    call.mayHaveHappened = true;
    call.link = undefined;
    this.#waiting.push(call);
  }

  #scheduleFlush(): void {
    if (this.#flushing || this.#waiting.length === 0) return;
    this.#flushing = true;
    // After everything else of this turn, so that all it asks shares one message.
    setImmediate(() => {
      this.#flushing = false;
      const link = this.#links.current;
      if (link !== undefined && !this.#closed) this.#flush(link);
    });
  }

  #flush(link: Link): void {
    const calls = this.#waiting.filter((call) => this.#calls.has(call.id));
    this.#waiting = [];
    const nowMs = performance.now();
    for (let from = 0; from < calls.length; from += ITEMS_PER_MESSAGE_MAX) {
      const items: RequestItem[] = [];
      for (const call of calls.slice(from, from + ITEMS_PER_MESSAGE_MAX)) {
        call.link = link;
        call.sentMs = nowMs;
        items.push({ id: call.id, ...call.options.question() });
      }
      link.send(items);
    }
  }

  #succeed(call: Call, answer: AnswerItem): void {
    if (answer.op !== undefined) this.#lastOp = Math.max(this.#lastOp, parseInt(answer.op, 10));
    this.#forget(call);
    call.resolve({
      result: answer.result,
      op: answer.op,
      replayed: answer.replayed === true,
    });
  }

  #fail(call: Call, error: unknown): void {
    this.#forget(call);
    call.reject(error);
  }

  #mayPass(problem: Problem): boolean {
    return isPassing(problem) || (this.#renews && problem.code === 'unauthenticated');
  }

  /** Soon, by another replica when this one has no primary; then ever more slowly. */
  #retry(call: Call, problem: Problem, link: Link): void {
    call.link = undefined;
    call.attempts++;
    if (problem.code === 'outcome-unknown') call.mayHaveHappened = true;
    if (isSaidElsewhere(problem)) this.#redirect(link, problem);
    else if (problem.code === 'unauthenticated')
      link.close(); // The next connection shows another token.
    else if (problem.code !== 'busy' && link === this.#links.current) this.#suspect(link);
    const pauseMs = RETRY_MS_MIN * 2 ** (call.attempts - 1);
    const askedMs = Number(problem['retryAfterMs'] ?? 0);
    call.retryAtMs = performance.now() + Math.min(Math.max(pauseMs, askedMs), RETRY_MS_MAX);
  }

  /** It has been replaced, or takes no clients: the group is where it says, and that is tried at once. */
  #redirect(link: Link, { replicas }: Problem): void {
    this.#suspects.add(link);
    this.#links.redirect(link, urlsOf({ replicas }));
  }

  #suspect(link: Link): void {
    this.#suspects.add(link);
    this.#links.suspect(link);
  }

  #forget(call: Call): void {
    this.#calls.delete(call.id);
    if (call.onAbort !== undefined) call.options.signal?.removeEventListener('abort', call.onAbort);
  }

  #releaseIfDone(link: Link): void {
    for (const call of this.#calls.values()) if (call.link === link) return;
    this.#links.release(link);
  }

  #startSweeping(): void {
    if (this.#sweeping !== undefined) return;
    this.#sweptMs = performance.now();
    // Holds the process open: somebody waits for an answer.
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  #stopSweeping(): void {
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }

  #sweep(): void {
    const nowMs = performance.now();
    const stoodStill = nowMs - this.#sweptMs > SWEEP_LATE_MS;
    this.#sweptMs = nowMs;
    let owesSinceMs = nowMs;
    for (const call of [...this.#calls.values()]) {
      if (nowMs >= call.deadlineMs) this.#expire(call);
      else if (call.retryAtMs > 0 && nowMs >= call.retryAtMs) this.#send(call);
      else if (call.link !== undefined && call.link === this.#links.current) {
        if (call.options.patient !== true) owesSinceMs = Math.min(owesSinceMs, call.sentMs);
      }
    }
    if (!stoodStill) this.#judgeSilence(nowMs, owesSinceMs);
    if (this.#calls.size === 0) this.#stopSweeping();
  }

  #expire(call: Call): void {
    this.#fail(call, new Unanswered(call.mayHaveHappened || call.link !== undefined));
  }

  #judgeSilence(nowMs: number, owesSinceMs: number): void {
    const link = this.#links.current;
    const silentMs = nowMs - Math.max(owesSinceMs, this.#heardMs);
    if (link === undefined || silentMs < this.#silenceMs) return;
    this.#silenceMs = Math.min(2 * this.#silenceMs, SILENCE_MS_MAX);
    this.#suspect(link);
  }
}
