import type { ByteString } from '../encoding/byte-string';
import { key, keyU32, keyU64, readKeyU32, readKeyU64 } from '../encoding/key';
import { Reader } from '../encoding/reader';
import { Writer } from '../encoding/writer';
import type { OpNumber } from '../numbers/numbers';
import type { Ordered, Tables } from '../service/tables';

/** What watchers can still be told: at least the newest ops, unless their events have more bytes. (decision 14) */
export const EVENT_OPS_KEPT = 100_000;
export const EVENT_BYTES_KEPT = 64 * 1024 * 1024;

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

/** The event log: the same on every replica, so that a watch can go on anywhere. */
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

  /** Adds the events of one op and drops what is too old: at most twice as many as are added, and 16. */
  append(events: readonly ExecutedEvent[], opNumber: OpNumber): void {
    for (const event of events) {
      const row = encodeEvent(event);
      this.events.put(eventKey(event), row);
      this.rowBytes += row.length;
    }
    const { trimmedOp } = this;
    this.trim(opNumber, events.length * 2 + 16);
    if (this.trimmedOp !== trimmedOp) this.storeTrimmed();
  }

  /** Up to `limit` events after `position`, oldest first. */
  since(position: EventPosition, limit: number): ExecutedEvent[] {
    const found: ExecutedEvent[] = [];
    let entry = this.events.next(eventKey(position));
    for (; entry !== undefined && found.length < limit; entry = this.events.next(entry[0]))
      found.push(decodeEvent(entry[0], entry[1]));
    return found;
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

const eventKey = ({ opNumber, n }: EventPosition): ByteString => key(keyU64(opNumber), keyU32(n));

function encodeEvent(event: ExecutedEvent): Uint8Array {
  const writer = new Writer(event.bytes.length + event.service.length + 8);
  writer.u32(event.index);
  writer.text(event.service);
  writer.raw(event.bytes);
  return writer.finish();
}

function decodeEvent(at: ByteString, row: Uint8Array): ExecutedEvent {
  const reader = new Reader(row);
  const index = reader.u32();
  const service = reader.text();
  const bytes = reader.raw(reader.remaining);
  const opNumber = readKeyU64(at, 0) as OpNumber;
  return { opNumber, index, n: readKeyU32(at, 8), service, bytes };
}

export const EVENTS_START: EventPosition = { opNumber: 0 as OpNumber, n: 0 };
