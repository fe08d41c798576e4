import { opNumber, type OpNumber } from '../numbers/numbers';
import { assert } from './assert';
import type { LogEntry } from './log-entry';
import type { LogPlace } from './log-place';

/**
 * The end of another's log, put together from its head backward: each entry names the hash of the one before it, so
 * every piece is proved by what is here already, whoever sends it. (E19)
 */
export class StagedLog {
  readonly head: LogPlace;
  private readonly newestFirst: LogEntry[] = [];

  constructor(head: LogPlace) {
    this.head = head;
  }

  /** The entry that is wanted next; once it is held elsewhere, the rest continues it. */
  get below(): LogPlace {
    const oldest = this.newestFirst.at(-1);
    if (oldest === undefined) return this.head;
    return { opNumber: opNumber(oldest.opNumber - 1), hash: oldest.parentHash };
  }

  /** Takes chained entries that end with the one wanted; false when they do not. */
  take(entries: readonly LogEntry[]): boolean {
    const { opNumber: op, hash } = this.below;
    const last = entries.at(-1);
    if (last?.opNumber !== op || last.hash !== hash) return false;
    for (let at = entries.length - 1; at >= 0; at -= 1) {
      this.newestFirst.push(entries[at] as LogEntry);
    }
    return true;
  }

  /** The hash at an op from `below` up to the head; undefined elsewhere. */
  hashAt(op: OpNumber): LogPlace['hash'] | undefined {
    const { below } = this;
    return op === below.opNumber ? below.hash : this.newestFirst[this.head.opNumber - op]?.hash;
  }

  /** What follows `op`, in order. */
  after(op: OpNumber): readonly LogEntry[] {
    assert(op >= this.below.opNumber, 'what is staged reaches down to what is held', { op });
    return this.newestFirst.slice(0, this.head.opNumber - op).reverse();
  }
}
