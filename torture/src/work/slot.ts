import type { Chance } from '../chance';
import type { Model } from '../history/history';
import { Subject, type Court, type Retired } from './subject';

/** What a history may grow to before another subject takes its place. */
const CALLS_MIN = 60;
const CALLS_MAX = 160;
/** Each answer that nobody knows doubles what may be the case. */
const UNKNOWN_MAX = 4;

export interface SlotPlan<State> {
  readonly kind: string;
  readonly name: string;
  readonly model: Model<State>;
  /** Before the first use, when the subject has to be made. */
  readonly prepare?: (name: string) => Promise<void>;
  /** After the last use: what is to be looked at beside the history. */
  readonly inspect?: (subject: Subject<State>) => Promise<void>;
}

/** A place where clients meet over one subject after another. */
export class Slot<State> {
  readonly retired: Retired<State>[] = [];
  readonly #plan: SlotPlan<State>;
  readonly #court: Court;
  readonly #chance: Chance;
  readonly #leaving = new Set<Promise<void>>();
  #generation = 0;
  #callsMax = 0;
  #current: Subject<State> | undefined;
  #making: Promise<Subject<State>> | undefined;

  constructor(plan: SlotPlan<State>, court: Court, chance: Chance) {
    this.#plan = plan;
    this.#court = court;
    this.#chance = chance;
  }

  /** The work is done with the subject of now, which stays until the work is over. */
  async use(work: (subject: Subject<State>) => Promise<void>): Promise<void> {
    const subject = await this.#subject();
    subject.enter();
    try {
      await work(subject);
    } finally {
      subject.exit();
    }
  }

  /** The last subject is judged as well. */
  async close(): Promise<void> {
    if (this.#current !== undefined) this.#leave(this.#current);
    await Promise.all([...this.#leaving]);
  }

  async #subject(): Promise<Subject<State>> {
    const current = this.#current;
    if (current !== undefined) {
      const { calls, unknown } = current.history;
      if (calls.length < this.#callsMax && unknown < UNKNOWN_MAX) return current;
      this.#leave(current);
    }
    this.#making ??= this.#make().finally(() => (this.#making = undefined));
    return this.#making;
  }

  async #make(): Promise<Subject<State>> {
    const { kind, name, model, prepare } = this.#plan;
    const subject = new Subject(kind, `${name}-${++this.#generation}`, model, this.#court);
    await prepare?.(subject.name);
    this.#callsMax = this.#chance.whole(CALLS_MIN, CALLS_MAX);
    this.#current = subject;
    return subject;
  }

  #leave(subject: Subject<State>): void {
    if (this.#current === subject) this.#current = undefined;
    const leaving = this.#judge(subject).finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  async #judge(subject: Subject<State>): Promise<void> {
    await subject.left();
    await this.#plan.inspect?.(subject);
    const retired = subject.judge();
    if (retired !== undefined) this.retired.push(retired);
  }
}
