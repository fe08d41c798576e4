import type { Outcome, Question } from '../history/history';
import type { Place } from '../history/place';

export type Consistency = 'linearizable' | 'lease' | 'stale';

export interface ReadTerms {
  readonly consistency?: Consistency;
  /** With `stale`: what the answer must have seen. */
  readonly minOp?: number;
}

/** What became of a call: undefined when nobody knows, `never` when nothing of it was sent. */
export type Fate = Outcome | 'never' | undefined;

/** A way to ask the group that keeps a request's name through every retry. */
export interface Caller {
  readonly name: string;
  /** Whether reads of the past may say what they must have seen. */
  readonly takesMinOp: boolean;
  readonly takesTransactions: boolean;
  change(question: Question, terms?: ChangeTerms): Promise<Fate>;
  read(question: Question, terms?: ReadTerms): Promise<Fate>;
  close(): Promise<void>;
}

export interface ChangeTerms {
  /** Its name, where the client chooses it; the same name again is the same request. */
  readonly key?: string;
  /** The client goes away after this, whether it has been answered or not. */
  readonly goneAfterMs?: number;
  /** Asked again under the same name once it is answered; two answers must be one. */
  readonly twice?: boolean;
}

/** Longer than any outage that ought to be. */
export const PATIENCE_MS = 180_000;

export const done = (value: unknown, place: Place | undefined): Outcome => ({
  kind: 'done',
  value,
  place,
});

export const refused = (code: string, place: Place | undefined): Outcome => ({
  kind: 'refused',
  code,
  place,
});

/** What a door says when another one, or a later time, may do better: nothing is decided by it. */
export const NOT_NOW = new Set([
  'no-primary',
  'outcome-unknown',
  'joining',
  'witness',
  'moved',
  'stopping',
  'busy',
  'active-missing',
  'no-lease',
  'too-stale',
  'events-trimmed',
]);
