import type { Place } from './place';

/** A field of a question that is text; `` when it is left out. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What was asked, in the words of the client channel. */
export interface Question {
  readonly service: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

export type Outcome =
  | { readonly kind: 'done'; readonly value: unknown; readonly place: Place | undefined }
  /** Refused with a stable code: nothing has changed. */
  | { readonly kind: 'refused'; readonly code: string; readonly place: Place | undefined };

/** One call as its client saw it. */
export interface Call {
  readonly id: number;
  readonly client: string;
  readonly question: Question;
  readonly invokedMs: number;
  completedMs: number;
  /** Undefined until it is known; for ever, when the client went away before it was. */
  outcome: Outcome | undefined;
  /** A read of some replica's past: it need not be the latest. */
  readonly stale: boolean;
}

/** Something with a sequential specification: what a state may answer, and what it becomes. */
export interface Model<State> {
  readonly initial: State;
  /** Equal for equal states. */
  key(state: State): string;
  /** The states in which this answer may leave it: none when it cannot be given here. */
  after(state: State, question: Question, outcome: Outcome): readonly State[];
  /** The states in which it may be left by a question whose answer nobody knows. */
  afterUnknown(state: State, question: Question): readonly State[];
  /** Whether an answer tells of a change; if not, leaving the call out of a history keeps it possible. */
  changes(question: Question, outcome: Outcome): boolean;
}

/** The calls to one thing, in the order in which they were invoked. */
export class History {
  readonly calls: Call[] = [];
  #last = 0;

  invoke(client: string, question: Question, invokedMs: number, stale = false): Call {
    const call: Call = {
      id: ++this.#last,
      client,
      question,
      invokedMs,
      completedMs: Infinity,
      outcome: undefined,
      stale,
    };
    this.calls.push(call);
    return call;
  }

  complete(call: Call, outcome: Outcome, completedMs: number): void {
    call.outcome = outcome;
    call.completedMs = completedMs;
  }

  /** It never happened: nothing was sent. */
  withdraw(call: Call): void {
    const place = this.calls.indexOf(call);
    if (place >= 0) this.calls.splice(place, 1);
  }

  get unknown(): number {
    return this.calls.filter(({ outcome }) => outcome === undefined).length;
  }
}
