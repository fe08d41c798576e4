import type { ByteString } from '../encoding/byte-string';
import { key, keyU32, keyU64, readKeyU32, readKeyU64 } from '../encoding/key';
import { Reader } from '../encoding/reader';
import { Writer } from '../encoding/writer';
import type { OpNumber } from '../numbers/numbers';
import type { Entry, Ordered, Tables } from '../service/tables';

/** What watchers can still be told: at least the newest ops, unless their events have more bytes. (decision 14) */
export const EVENT_OPS_KEPT = 100_000;
export const EVENT_BYTES_KEPT = 64 * 1024 * 1024;

/** A row is ended when it has as many bytes: an op of many events has many rows, none much larger than this. */
const ROW_BYTES = 1024;

const TRIMMED = 'trimmed' as ByteString;

/** Something that happened, told to watchers in the order of `(opNumber, n)`. */
export interface ExecutedEvent {
  readonly opNumber: OpNumber;
  /** The request's index in its entry, or of which hook it came: see `TICK_INDEX`. */
  readonly index: number;
  /** Counts the events of one op from 0, in the order in which they happened. */
  readonly n: number;
  readonly service: string;
  readonly bytes: Uint8Array;
}

/** A place in the stream of events: what has been seen, `(op, n)` included. */
export interface EventPosition {
  readonly opNumber: OpNumber;
  readonly n: number;
}

/**
 * The event log: the same on every replica, so that a watch can go on anywhere. The events of one op stand together in
 * rows, keyed by the op and the `n` of the row's first event: a row an event would cost more than what is in it.
 */
export class EventTable {
  private readonly events: Ordered;
  private readonly meta: Ordered;
  private readonly opsKept: number;
  private readonly bytesKept: number;
  /** Of the rows in the table: they tell it, so it is not kept in the state. */
  private rowBytes = 0;
  /** The newest op that has lost an event; 0 when none has. */
  private trimmedOp: number;

  constructor(tables: Tables, opsKept = EVENT_OPS_KEPT, bytesKept = EVENT_BYTES_KEPT) {
    this.events = tables.ordered('events');
    this.meta = tables.ordered('meta');
    this.opsKept = opsKept;
    this.bytesKept = bytesKept;
    for (const [, row] of this.events.range('' as ByteString)) this.rowBytes += row.length;
    const trimmed = this.meta.get(TRIMMED);
    this.trimmedOp = trimmed === undefined ? 0 : new Reader(trimmed).varint();
  }

  /** Adds the events of one op, from its first on, and drops rows that are too old: twice as many as are added, and 2. */
  append(events: readonly ExecutedEvent[], opNumber: OpNumber): void {
    let rows = 0;
    for (let n = 0; n < events.length; rows += 1) n = this.appendRow(events, n, opNumber);
    const { trimmedOp } = this;
    this.trim(opNumber, rows * 2 + 2);
    if (this.trimmedOp !== trimmedOp) this.storeTrimmed();
  }

  /** Up to `limit` events after `position`, oldest first. */
  since(position: EventPosition, limit: number): ExecutedEvent[] {
    const found: ExecutedEvent[] = [];
    let entry = this.rowAt(position);
    for (; entry !== undefined && found.length < limit; entry = this.events.next(entry[0]))
      for (const event of decodeRow(entry[0], entry[1]))
        if (isAfter(event, position) && found.length < limit) found.push(event);
    return found;
  }

  /** The row that holds the event at `position`, or else the first one after it. */
  private rowAt({ opNumber, n }: EventPosition): Entry | undefined {
    let row = this.events.next(keyU64(opNumber));
    for (let next = row; next !== undefined; next = this.events.next(next[0])) {
      if (readKeyU64(next[0], 0) !== opNumber || readKeyU32(next[0], 8) > n) break;
      row = next;
    }
    return row;
  }

  /** One row of events from the `n`-th on; returns the `n` after its last. */
  private appendRow(events: readonly ExecutedEvent[], n: number, opNumber: OpNumber): number {
    const writer = new Writer();
    let after = n;
    for (; after < events.length && writer.size < ROW_BYTES; after += 1)
      writeEvent(writer, events[after] as ExecutedEvent);
    const row = writer.finish();
    this.events.put(key(keyU64(opNumber), keyU32(n)), row);
    this.rowBytes += row.length;
    return after;
  }

  /** The lowest op of which every event is kept: a watch that saw all before it misses nothing. */
  oldestOp(): OpNumber {
    return (this.trimmedOp + 1) as OpNumber;
  }

  private trim(opNumber: OpNumber, most: number): void {
    for (let left = most; left > 0; left -= 1) {
      const oldest = this.events.first();
      if (oldest === undefined) return;
      const oldestOp = readKeyU64(oldest[0], 0);
      if (this.rowBytes <= this.bytesKept && oldestOp > opNumber - this.opsKept) return;
      this.events.delete(oldest[0]);
      this.rowBytes -= oldest[1].length;
      this.trimmedOp = oldestOp;
    }
  }

  private storeTrimmed(): void {
    const writer = new Writer(8);
    writer.varint(this.trimmedOp);
    this.meta.put(TRIMMED, writer.finish());
  }
}

const isAfter = (event: ExecutedEvent, { opNumber, n }: EventPosition): boolean =>
  event.opNumber > opNumber || (event.opNumber === opNumber && event.n > n);

function writeEvent(writer: Writer, event: ExecutedEvent): void {
  writer.u32(event.index);
  writer.text(event.service);
  writer.bytes(event.bytes);
}

function decodeRow(at: ByteString, row: Uint8Array): ExecutedEvent[] {
  const reader = new Reader(row);
  const opNumber = readKeyU64(at, 0) as OpNumber;
  const events: ExecutedEvent[] = [];
  for (let n = readKeyU32(at, 8); reader.remaining > 0; n += 1) {
    const index = reader.u32();
    const service = reader.repeatedText();
    events.push({ opNumber, index, n, service, bytes: reader.bytes() });
  }
  return events;
}

export const EVENTS_START: EventPosition = { opNumber: 0 as OpNumber, n: 0 };
