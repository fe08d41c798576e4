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
  readonly #byFence = new Map<string, Hold>();
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
    if (loss === undefined) this.#byFence.set(fence, hold);
    else hold.lose(loss);
  }

  /** While `work` gives it another fence, if it does. */
  async changing(hold: Hold, work: () => Promise<void>): Promise<void> {
    const before = hold.fence.toString();
    this.#changing.add(hold);
    try {
      await work();
    } finally {
      this.#changing.delete(hold);
      if (this.#byFence.get(before) === hold) {
        this.#byFence.delete(before);
        this.add(hold);
      }
    }
  }

  remove(hold: Hold): void {
    const fence = hold.fence.toString();
    if (this.#byFence.get(fence) === hold) this.#byFence.delete(fence);
  }

  onEvent(event: PushedEvent): void {
    const fence = event['fence'];
    if (typeof fence !== 'string') return;
    const hold = this.#byFence.get(fence);
    if (event.kind === 'lock.break-requested') {
      hold?.askedToGiveUp(event as unknown as BreakRequest);
    } else if (event.kind === 'lock.lost') {
      const cause = event['cause'] as LockLoss;
      if (hold === undefined) this.#lostAhead(fence, cause);
      else this.#lose(hold, fence, cause);
    }
  }

  /** A loss may have been pushed while nobody listened: the group is asked what it still knows. */
  async reconnected(): Promise<void> {
    const holds = [...this.#byFence.values()];
    for (let from = 0; from < holds.length; from += CHECKED_AT_ONCE) {
      await this.#check(holds.slice(from, from + CHECKED_AT_ONCE)).catch(() => undefined);
    }
  }

  async #check(holds: readonly Hold[]): Promise<void> {
    const asked = holds.map((hold) => ({ hold, fence: hold.fence.toString() }));
    const query = { kind: 'check', sequencers: holds.map(({ sequencer }) => plain(sequencer)) };
    const { result } = await this.#requester.read('locks', query);
    const { results } = result as { results: readonly { valid: boolean }[] };
    for (const [at, { hold, fence }] of asked.entries()) {
      // What was given back or converted meanwhile is no longer here under that fence.
      if (results[at]?.valid !== false || this.#changing.has(hold)) continue;
      if (this.#byFence.get(fence) === hold) this.#lose(hold, fence, 'not-held');
    }
  }

  #lose(hold: Hold, fence: string, cause: LockLoss): void {
    this.#byFence.delete(fence);
    hold.lose(cause);
  }

  #lostAhead(fence: string, cause: LockLoss): void {
    this.#ahead.set(fence, cause);
    const [oldest] = this.#ahead.keys();
    if (this.#ahead.size > AHEAD_MAX && oldest !== undefined) this.#ahead.delete(oldest);
  }
}

/** Without its signature: whether it is genuine is not the question, and costs the group more. */
const plain = (sequencer: string): string => sequencer.replace(/;\d+;\d+;[\w-]{86}$/, '');
