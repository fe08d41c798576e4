import type { ByteString } from '../encoding/byte-string';
import { opNumber, type OpNumber } from '../numbers/numbers';
import { assert } from './assert';
import type { LogEntry } from './log-entry';

/** The hash that op 1 names as its parent: an empty log's head. */
export const GENESIS_HASH = '' as ByteString;

/**
 * The log: entries 1 to op-number, each chained to the one before. (VRR §4, Figure 2)
 *
 * It is kept whole in memory; the prefix below a checkpoint will be dropped here once there are checkpoints (§5.1).
 */
export class Log {
  private readonly entries: LogEntry[] = [];

  /** n: the op-number of the head, 0 when empty. */
  get opNumber(): OpNumber {
    return opNumber(this.entries.length);
  }

  get headHash(): ByteString {
    return this.entries.at(-1)?.hash ?? GENESIS_HASH;
  }

  get head(): LogEntry | undefined {
    return this.entries.at(-1);
  }

  at(op: OpNumber): LogEntry | undefined {
    return this.entries[op - 1];
  }

  /** The hash of entry `op`, of the empty log for 0, and undefined beyond the head. */
  hashAt(op: OpNumber): ByteString | undefined {
    return op === 0 ? GENESIS_HASH : this.at(op)?.hash;
  }

  append(entry: LogEntry): void {
    assert(entry.opNumber === this.opNumber + 1, 'entries are appended in order', {
      op: entry.opNumber,
    });
    assert(entry.parentHash === this.headHash, 'an entry names its predecessor', {
      op: entry.opNumber,
    });
    this.entries.push(entry);
  }

  truncateAfter(op: OpNumber): void {
    assert(op <= this.entries.length, 'a log is cut inside itself', { op });
    this.entries.length = op;
  }

  /** Entries from op `first` to op `last`, both included. */
  slice(first: OpNumber, last: OpNumber): readonly LogEntry[] {
    return this.entries.slice(first - 1, last);
  }

  /** Encoded entries after `op`, from the oldest on, as many as fit in `bytesMax` and at least one. */
  firstAfter(op: OpNumber, bytesMax: number): Uint8Array[] {
    const encoded: Uint8Array[] = [];
    let room = bytesMax;
    for (let at: number = op; at < this.entries.length; at += 1) {
      const bytes = (this.entries[at] as LogEntry).encoded;
      if (encoded.length > 0 && bytes.length > room) break;
      encoded.push(bytes);
      room -= bytes.length;
    }
    return encoded;
  }

  /** Encoded entries up to the head and after `op`, the newest that fit in `bytesMax`. */
  lastAfter(op: OpNumber, bytesMax: number): Uint8Array[] {
    const encoded: Uint8Array[] = [];
    let room = bytesMax;
    for (let at = this.entries.length - 1; at >= op; at -= 1) {
      const bytes = (this.entries[at] as LogEntry).encoded;
      if (bytes.length > room) break;
      encoded.push(bytes);
      room -= bytes.length;
    }
    return encoded.reverse();
  }
}
