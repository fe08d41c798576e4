import type { LockLoss } from './errors';
import type { BreakRequest, Hold } from './hold';
import type { PushedEvent } from './protocol';
import type { Requester } from './requester';

/** Sequencers of one question. */
const CHECKED_AT_ONCE = 1000;
/** A grant is read within the turn in which it comes: more losses before it than this are of something else. */
const AHEAD_MAX = 1000;

/** Everything that a session holds, by fence: whom pushes about it concern. */
export class Holds {
  /** An owner who has a lock twice has it under one fence. */
  readonly #byFence = new Map<string, Set<Hold>>();
  /** On their way to another fence: what the group says of the one they have may be behind the times. */
  readonly #changing = new Set<Hold>();
  /** Losses of fences whose grant has not been read yet: both may come in one frame. */
  readonly #ahead = new Map<string, LockLoss>();
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  add(hold: Hold): void {
    const fence = hold.fence.toString();
    const loss = this.#ahead.get(fence);
    if (loss !== undefined) hold.lose(loss);
    else this.#byFence.set(fence, (this.#byFence.get(fence) ?? new Set()).add(hold));
  }

  remove(hold: Hold): void {
    this.#forget(hold, hold.fence.toString());
  }

  /** While `work` gives it another fence, if it does. */
  async changing(hold: Hold, work: () => Promise<void>): Promise<void> {
    const before = hold.fence.toString();
    this.#changing.add(hold);
    try {
      await work();
    } finally {
      this.#changing.delete(hold);
      if (this.#forget(hold, before)) this.add(hold);
    }
  }

  onEvent(event: PushedEvent): void {
    const fence = event['fence'];
    if (typeof fence !== 'string') return;
    const holds = this.#byFence.get(fence);
    if (event.kind === 'lock.break-requested') {
      for (const hold of holds ?? []) hold.askedToGiveUp(event as unknown as BreakRequest);
    } else if (event.kind === 'lock.lost') {
      const cause = event['cause'] as LockLoss;
      if (holds === undefined) this.#lostAhead(fence, cause);
      else this.#lose(holds, fence, cause);
    }
  }

  /** A loss may have been pushed while nobody listened: the group is asked what it still knows. */
  async reconnected(): Promise<void> {
    const held = [...this.#byFence];
    for (let from = 0; from < held.length; from += CHECKED_AT_ONCE) {
      await this.#check(held.slice(from, from + CHECKED_AT_ONCE)).catch(() => undefined);
    }
  }

  async #check(held: readonly [string, ReadonlySet<Hold>][]): Promise<void> {
    const sequencers = held.map(([, [hold]]) => plain(hold?.sequencer ?? ''));
    const { result } = await this.#requester.read('locks', { kind: 'check', sequencers });
    const { results } = result as { results: readonly { valid: boolean }[] };
    for (const [at, [fence]] of held.entries()) {
      if (results[at]?.valid !== false) continue;
      // What was given back meanwhile is no longer here.
      const holds = [...(this.#byFence.get(fence) ?? [])];
      if (!holds.some((hold) => this.#changing.has(hold))) this.#lose(holds, fence, 'not-held');
    }
  }

  #forget(hold: Hold, fence: string): boolean {
    const holds = this.#byFence.get(fence);
    const wasHere = holds?.delete(hold) === true;
    if (holds?.size === 0) this.#byFence.delete(fence);
    return wasHere;
  }

  #lose(holds: Iterable<Hold>, fence: string, cause: LockLoss): void {
    this.#byFence.delete(fence);
    for (const hold of holds) hold.lose(cause);
  }

  #lostAhead(fence: string, cause: LockLoss): void {
    this.#ahead.set(fence, cause);
    const [oldest] = this.#ahead.keys();
    if (this.#ahead.size > AHEAD_MAX && oldest !== undefined) this.#ahead.delete(oldest);
  }
}

/** Without its signature: whether it is genuine is not the question, and costs the group more. */
const plain = (sequencer: string): string => sequencer.replace(/;\d+;\d+;[\w-]{86}$/, '');
