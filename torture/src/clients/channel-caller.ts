import {
  connect,
  NoPrimaryError,
  OutcomeUnknownError,
  ProblemError,
  SessionExpiredError,
  type Client,
  type Operation,
  type Reply,
  type Session,
} from '@lockstep/client';
import { nowMs, pause } from '../clock';
import type { Question } from '../history/history';
import { readPlace } from '../history/place';
import {
  done,
  NOT_NOW,
  PATIENCE_MS,
  refused,
  type Caller,
  type ChangeTerms,
  type Fate,
  type ReadTerms,
} from './caller';
import { operationOf, ROOT_CALLER } from './rest-routes';

const CALL_MS = 20_000;
/** They tell that the request can be asked for by its name no more, and nothing of what became of it. */
const ABOUT_THE_NAME = new Set(['already-acknowledged', 'session-expired']);
const TTL_MS = 30_000;

/** A program with our client, as its users write it. */
export class ChannelCaller implements Caller {
  readonly name: string;
  readonly takesMinOp = false;
  readonly takesTransactions = false;
  readonly #urls: () => readonly string[];
  #client: Client | undefined;
  #session: Session | undefined;

  constructor(name: string, urls: () => readonly string[]) {
    this.name = name;
    this.#urls = urls;
  }

  async change(question: Question, terms: ChangeTerms = {}): Promise<Fate> {
    const session = await this.#openSession();
    if (session === undefined) return 'never';
    const op = operationFor(question);
    const asked = untilKnown(() => session.mutate(question.service, op));
    if (terms.goneAfterMs === undefined) return asked;
    const fate = await Promise.race([asked, pause(terms.goneAfterMs, undefined, { ref: false })]);
    if (fate === undefined) this.abandon();
    return fate;
  }

  async read(question: Question, terms: ReadTerms = {}): Promise<Fate> {
    const session = await this.#openSession();
    if (session === undefined) return 'never';
    const { consistency = 'linearizable' } = terms;
    const query = operationFor(question);
    const asked = (): Promise<Reply> => session.read(question.service, query, { consistency });
    return (await untilKnown(asked)) ?? 'never';
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  /** Without a word: the session ends with its ttl. */
  abandon(): void {
    this.#client?.abandon();
    this.#client = undefined;
    this.#session = undefined;
  }

  async #openSession(): Promise<Session | undefined> {
    if (this.#session?.signal.aborted === false) return this.#session;
    const deadlineMs = nowMs() + PATIENCE_MS;
    while (nowMs() < deadlineMs) {
      try {
        this.#client ??= await connect({ endpoints: this.#urls(), timeoutMs: CALL_MS });
        this.#session = await this.#client.openSession({ ttlMs: TTL_MS, name: this.name });
        return this.#session;
      } catch {
        // A client whose replicas were all replaced while it could not reach them begins anew.
        this.abandon();
        await pause(100);
      }
    }
    return undefined;
  }
}

function operationFor(question: Question): Operation {
  if (question.service === 'files') {
    const isRead = question.kind === 'stat' || question.kind === 'readdir';
    const op = operationOf(question);
    return isRead ? { ...op, follow: false } : { ...op, caller: ROOT_CALLER };
  }
  const { service: _, ...op } = question;
  return op;
}

/** The answer, whatever time it takes within reason; undefined when it cannot be had any more. */
async function untilKnown(ask: () => Promise<Reply>): Promise<Fate> {
  const deadlineMs = nowMs() + PATIENCE_MS;
  let asking = ask;
  let isSent = false;
  while (nowMs() < deadlineMs) {
    try {
      const { result, op } = await asking();
      return done(result, readPlace(op));
    } catch (error) {
      if (error instanceof ProblemError && !NOT_NOW.has(error.code))
        return ABOUT_THE_NAME.has(error.code) ? undefined : refused(error.code, undefined);
      if (error instanceof SessionExpiredError) return undefined;
      if (error instanceof OutcomeUnknownError) {
        isSent = true;
        asking = () => error.retry() as Promise<Reply>;
      } else if (!(error instanceof NoPrimaryError) && !(error instanceof ProblemError)) {
        return undefined;
      }
      await pause(50);
    }
  }
  return isSent ? undefined : 'never';
}
