import { randomUUID } from 'node:crypto';
import { nowMs, pause } from '../clock';
import type { Outcome, Question } from '../history/history';
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
import { headerOf, type Answer, type Doors } from './doors';
import { routeOf, resultOf, type Route } from './rest-routes';

/** How long a door may take before another is asked. */
const ATTEMPT_MS = 3_000;

export interface Disagreement {
  readonly question: Question;
  readonly first: Outcome;
  readonly second: Outcome;
}

/** Somebody with an HTTP library: one name for each request, door after door until one answers it. */
export class RestCaller implements Caller {
  readonly name: string;
  readonly takesMinOp = true;
  readonly takesTransactions = true;
  readonly #doors: Doors;
  readonly #onDisagreement: (found: Disagreement) => void;
  /** Answers that were those of an earlier attempt, as the group says. */
  replayed = 0;
  repeated = 0;

  constructor(name: string, doors: Doors, onDisagreement: (found: Disagreement) => void) {
    this.name = name;
    this.#doors = doors;
    this.#onDisagreement = onDisagreement;
  }

  async change(question: Question, terms: ChangeTerms = {}): Promise<Fate> {
    const key = terms.key ?? randomUUID();
    const route = routeOf(question);
    const asked = this.#untilAnswered(route, { 'idempotency-key': key });
    if (terms.goneAfterMs !== undefined)
      return Promise.race([asked, pause(terms.goneAfterMs, undefined, { ref: false })]);
    const outcome = await asked;
    if (terms.twice !== true || outcome === undefined || outcome === 'never') return outcome;
    await this.#repeat(question, route, key, outcome);
    return outcome;
  }

  async read(question: Question, terms: ReadTerms = {}): Promise<Fate> {
    const { consistency = 'linearizable', minOp } = terms;
    const route = routeOf(question);
    const query = new URLSearchParams({ consistency });
    if (minOp !== undefined) query.set('minOp', String(minOp));
    const path = `${route.path}${route.path.includes('?') ? '&' : '?'}${query.toString()}`;
    return (await this.#untilAnswered({ ...route, path }, {})) ?? 'never';
  }

  async close(): Promise<void> {
    this.#doors.close();
    await Promise.resolve();
  }

  async #repeat(question: Question, route: Route, key: string, first: Outcome): Promise<void> {
    this.#doors.next();
    const second = await this.#untilAnswered(route, { 'idempotency-key': key });
    this.repeated += 1;
    if (second === undefined || second === 'never') return;
    if (JSON.stringify(first) !== JSON.stringify(second))
      this.#onDisagreement({ question, first, second });
  }

  async #untilAnswered(route: Route, headers: Record<string, string>): Promise<Fate> {
    const deadlineMs = nowMs() + PATIENCE_MS;
    let isSent = false;
    for (let attempt = 0; nowMs() < deadlineMs; attempt += 1) {
      const answer = await this.#attempt(route, headers);
      if (typeof answer === 'object') return answer;
      if (answer !== 'no-primary') isSent = true;
      this.#doors.next();
      await this.#doors.rest(attempt);
    }
    return isSent ? undefined : 'never';
  }

  /** The outcome, or the code of why there is none yet. */
  async #attempt(route: Route, headers: Record<string, string>): Promise<Outcome | string> {
    try {
      const answer = await this.#doors.ask(this.#doors.current, {
        ...route,
        headers: { ...headers, prefer: 'wait=2' },
        timeoutMs: ATTEMPT_MS + (route.waitMs ?? 0),
      });
      if (headerOf(answer, 'lockstep-replayed') === 'true') this.replayed += 1;
      return outcomeOf(route, answer);
    } catch {
      return 'connection';
    }
  }
}

function outcomeOf(route: Route, answer: Answer): Outcome | string {
  const place = readPlace(headerOf(answer, 'lockstep-op'));
  const code = answer.body['code'];
  if (answer.status >= 400)
    return typeof code === 'string' && !NOT_NOW.has(code) ? refused(code, place) : String(code);
  const result = resultOf(route, answer.body);
  return 'problem' in result ? refused(result.problem, place) : done(result.value, place);
}
