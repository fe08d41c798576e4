import type { ByteString } from '../encoding/byte-string';
import { opNumber, type OpNumber } from '../numbers/numbers';
import { assert } from './assert';
import type { LogEntry } from './log-entry';
import { GENESIS, type LogPlace } from './log-place';

/** Dropped entries are let go in pieces of at least so many: the array behind them is moved each time. */
const DROPPED_MIN = 1024;

/**
 * The log: the entries after its base up to op-number, each chained to the one before. What is at or below the base is
 * covered by a checkpoint (VRR §5.1), or by the disks of every active member (a witness; §6.1).
 */
export class Log {
  private place: LogPlace = GENESIS;
  /** The first `dropped` of them are no longer part of the log. */
  private entries: (LogEntry | undefined)[] = [];
  private dropped = 0;
  private bytes = 0;

  /** Entries up to here are no longer held; the hash still is. */
  get base(): LogPlace {
    return this.place;
  }

  /** n: the op-number of the head; that of the base when nothing follows it. */
  get opNumber(): OpNumber {
    return opNumber(this.place.opNumber + this.length);
  }

  get headHash(): ByteString {
    return this.head?.hash ?? this.place.hash;
  }

  get head(): LogEntry | undefined {
    return this.length === 0 ? undefined : this.entries.at(-1);
  }

  /** Bytes of the encoded entries that are held. */
  get byteLength(): number {
    return this.bytes;
  }

  at(op: OpNumber): LogEntry | undefined {
    return op <= this.place.opNumber ? undefined : this.entries[this.indexOf(op)];
  }

  /** The hash of entry `op`, also of the base; undefined below the base and beyond the head. */
  hashAt(op: OpNumber): ByteString | undefined {
    return op === this.place.opNumber ? this.place.hash : this.at(op)?.hash;
  }

  append(entry: LogEntry): void {
    assert(entry.opNumber === this.opNumber + 1, 'entries are appended in order', {
      op: entry.opNumber,
    });
    assert(entry.parentHash === this.headHash, 'an entry names its predecessor', {
      op: entry.opNumber,
    });
    const { head } = this;
    assert(
      head?.endsEpoch !== true || entry.epochNumber > head.epochNumber,
      'nothing follows the last entry of an epoch in it',
      { op: entry.opNumber },
    );
    this.entries.push(entry);
    this.bytes += entry.encoded.length;
  }

  truncateAfter(op: OpNumber): void {
    assert(op <= this.opNumber && op >= this.place.opNumber, 'a log is cut inside itself', { op });
    for (const entry of this.slice(opNumber(op + 1), this.opNumber)) {
      this.bytes -= entry.encoded.length;
    }
    this.entries.length = this.indexOf(opNumber(op + 1));
  }

  /** Lets go of the entries up to `op`, which becomes the base. */
  dropThrough(op: OpNumber): void {
    if (op <= this.place.opNumber) return;
    const hash = this.hashAt(op);
    assert(hash !== undefined, 'a log is cut inside itself', { op });
    const first = this.dropped;
    const last = this.indexOf(op);
    for (let at = first; at <= last; at += 1) {
      this.bytes -= (this.entries[at] as LogEntry).encoded.length;
      this.entries[at] = undefined;
    }
    this.dropped = last + 1;
    this.place = { opNumber: op, hash };
    if (this.dropped < DROPPED_MIN && this.length > 0) return;
    this.entries = this.entries.slice(this.dropped);
    this.dropped = 0;
  }

  /** Begins anew behind `base`, without entries. */
  restart(base: LogPlace): void {
    this.place = base;
    this.entries = [];
    this.dropped = 0;
    this.bytes = 0;
  }

  /** Entries from op `first` to op `last`, both included; none of them at or below the base. */
  slice(first: OpNumber, last: OpNumber): readonly LogEntry[] {
    if (first > last) return [];
    assert(first > this.place.opNumber, 'what is below the base is not held', { first });
    return this.entries.slice(this.indexOf(first), this.indexOf(last) + 1) as LogEntry[];
  }

  /** Encoded entries after `op`, from the oldest on, as many as fit in `bytesMax` and at least one. */
  firstAfter(op: OpNumber, bytesMax: number): Uint8Array[] {
    const encoded: Uint8Array[] = [];
    let room = bytesMax;
    for (let at = this.indexOf(opNumber(op + 1)); at < this.entries.length; at += 1) {
      const bytes = (this.entries[at] as LogEntry).encoded;
      if (encoded.length > 0 && bytes.length > room) break;
      encoded.push(bytes);
      room -= bytes.length;
    }
    return encoded;
  }

  /** Encoded entries up to op `last` and after `op`, the newest that fit in `bytesMax`, and at least one if there is one. */
  lastUpTo(last: OpNumber, op: OpNumber, bytesMax: number): Uint8Array[] {
    const encoded: Uint8Array[] = [];
    let room = bytesMax;
    const after = Math.max(op, this.place.opNumber);
    for (let at = this.indexOf(last); at > this.indexOf(opNumber(after)); at -= 1) {
      const bytes = (this.entries[at] as LogEntry).encoded;
      if (encoded.length > 0 && bytes.length > room) break;
      encoded.push(bytes);
      room -= bytes.length;
    }
    return encoded.reverse();
  }

  /** Encoded entries up to the head, the newest that fit in `bytesMax`. */
  suffix(bytesMax: number): Uint8Array[] {
    const head = this.head;
    if (head === undefined || head.encoded.length > bytesMax) return [];
    return this.lastUpTo(this.opNumber, this.place.opNumber, bytesMax);
  }

  private get length(): number {
    return this.entries.length - this.dropped;
  }

  private indexOf(op: OpNumber): number {
    return op - this.place.opNumber - 1 + this.dropped;
  }
}
