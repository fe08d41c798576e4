import { nowMs } from '../clock';
import type { Fate } from '../clients/caller';
import type { Findings } from '../findings';
import { History, type Call, type Model, type Outcome, type Question } from '../history/history';
import { search, shortened, type Search } from '../history/linearizable';
import type { Place } from '../history/place';
import type { RealTime } from '../history/real-time';
import { showCall } from '../history/show';
import { witnessFault } from '../history/witness';

/** What the checks need of the run that they are part of. */
export interface Court {
  readonly findings: Findings;
  readonly realTime: RealTime;
  readonly counts: Counts;
}

export class Counts {
  readonly byKind = new Map<string, number>();
  done = 0;
  refused = 0;
  unknown = 0;
  stale = 0;
  /** Histories that were looked at, and those too large to be. */
  searched = 0;
  tooLarge = 0;
  longestMs = 0;

  of(kind: string): void {
    this.byKind.set(kind, (this.byKind.get(kind) ?? 0) + 1);
  }
}

const EVIDENCE_LINES_MAX = 120;

/** What is remembered of a subject that nobody uses any more: what may be the case with it now. */
export interface Retired<State> {
  readonly name: string;
  readonly model: Model<State>;
  readonly search: Extract<Search<State>, { verdict: 'linearizable' }>;
  readonly pending: readonly Call[];
}

/**
 * One thing that clients use for a while, a counter, a directory or a lock, and all that was said about it. It is left for
 * another one before its history grows too long to be searched.
 */
export class Subject<State> {
  readonly name: string;
  readonly kind: string;
  readonly history = new History();
  readonly model: Model<State>;
  readonly #court: Court;
  /** The newest that any answer about it has told of. */
  newestOp = 0;
  #users = 0;
  #isLeft = false;
  #onUnused: (() => void) | undefined;

  constructor(kind: string, name: string, model: Model<State>, court: Court) {
    this.kind = kind;
    this.name = name;
    this.model = model;
    this.#court = court;
  }

  /** Asks, and writes down what was asked and what came of it. */
  async ask(client: string, question: Question, how: How): Promise<Fate> {
    const { counts, realTime } = this.#court;
    const floor = realTime.floor;
    const invokedMs = nowMs();
    const call = this.history.invoke(client, question, invokedMs, how.stale === true);
    const fate = await how.ask();
    if (fate === 'never') this.history.withdraw(call);
    else if (fate === undefined) counts.unknown += 1;
    else {
      const completedMs = nowMs();
      this.history.complete(call, fate, completedMs);
      this.#count(question, fate, how.stale === true);
      counts.longestMs = Math.max(counts.longestMs, completedMs - invokedMs);
      this.#checkPlace(call, fate, floor, how);
    }
    return fate;
  }

  /** What happens by itself, some time after this moment: the end of a session. */
  expect(question: Question, fromMs: number): void {
    this.history.invoke('group', question, fromMs);
  }

  enter(): void {
    this.#users += 1;
  }

  exit(): void {
    this.#users -= 1;
    if (this.#users === 0 && this.#isLeft) this.#onUnused?.();
  }

  /** Nobody enters any more; resolves when all who are inside have left. */
  async left(): Promise<void> {
    this.#isLeft = true;
    if (this.#users === 0) return;
    await new Promise<void>((resolve) => (this.#onUnused = resolve));
  }

  /** Judges the whole history. Undefined when it is not to be looked at again. */
  judge(): Retired<State> | undefined {
    const { findings, counts } = this.#court;
    const { calls } = this.history;
    const wrong = witnessFault(this.model, calls);
    if (wrong !== undefined)
      findings.add('witness order', `${this.name} ${wrong}`, this.#evidence(calls));
    const found = search(this.model, calls);
    counts.searched += 1;
    switch (found.verdict) {
      case 'too-large':
        counts.tooLarge += 1;
        return undefined;
      case 'impossible':
        this.#tellImpossible(found);
        return undefined;
      case 'linearizable': {
        const pending = calls.filter(({ outcome }) => outcome === undefined);
        return { name: this.name, model: this.model, search: found, pending };
      }
    }
  }

  #tellImpossible({ call, before }: Extract<Search<State>, { verdict: 'impossible' }>): void {
    const states = before.slice(0, 3).map((state) => this.model.key(state));
    const what = `${this.name}: no order of the calls allows the answer to call ${call.id}; before it: ${states.join(' or ')}`;
    const short = shortened(this.model, this.history.calls, call);
    this.#court.findings.add('linearizable', what, this.#evidence(short));
  }

  #evidence(calls: readonly Call[]): string[] {
    return calls.slice(-EVIDENCE_LINES_MAX).map(showCall);
  }

  #count({ kind }: Question, outcome: Outcome, isStale: boolean): void {
    const { counts } = this.#court;
    counts.of(`${this.kind} ${kind}`);
    if (outcome.kind === 'done') counts.done += 1;
    else counts.refused += 1;
    if (isStale) counts.stale += 1;
  }

  #checkPlace(call: Call, { place }: Outcome, floor: Place, { stale, minOp = 0 }: How): void {
    if (place === undefined) return;
    this.newestOp = Math.max(this.newestOp, place.op);
    const { findings, realTime } = this.#court;
    if (stale !== true) {
      const wrong = realTime.answered(floor, place);
      if (wrong !== undefined)
        findings.add('real time', `${this.name} call ${call.id} ${wrong}`, [showCall(call)]);
    } else if (place.op < minOp) {
      const what = `${this.name} call ${call.id} asked for op ${minOp} and saw ${place.op}`;
      findings.add('stale reads', what, [showCall(call)]);
    }
  }
}

export interface How {
  readonly ask: () => Promise<Fate>;
  readonly stale?: boolean;
  readonly minOp?: number;
}
