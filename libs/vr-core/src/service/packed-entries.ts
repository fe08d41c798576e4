import type { ByteString } from '../encoding/byte-string';
import { EntryBuffer } from './entry-buffer';
import { copyBytes, encodedLength, writeValue } from './entry-encoding';

/** Room for more entries when those that are there are copied: at least and at most. */
export const SPARE_BYTES = 512;
const SPARE_BYTES_MAX = 1024;

/** Replaced values that are kept apart until they are written behind their keys. */
const LOOSE_MAX = 64;

type LooseValues = (Uint8Array | undefined)[];

const NOTHING = new EntryBuffer(0, 0, 0);

/**
 * The sorted entries of a leaf, packed: a string and an array an entry would cost several times its bytes.
 *
 * What was read stays what it was. An entry that is removed is left behind in its buffer until all is copied to another
 * one, and a value that replaces another is kept apart until then: some are replaced again and again.
 */
export class PackedEntries {
  /** Of the entries as a page has them. */
  encodedBytes = 0;
  private buffer = NOTHING;
  /** By place: values that have replaced others. */
  private loose: LooseValues | undefined;
  private looseCount = 0;

  /** Entries that follow each other in `page`, in order, and end with it: each begins at one of `starts`. */
  static of(page: Uint8Array, starts: readonly number[]): PackedEntries {
    const first = starts[0] as number;
    const bytes = page.length - first;
    const entries = PackedEntries.withRoom(starts.length, bytes, 0);
    const { buffer } = entries;
    const moved = buffer.write(page, first, bytes) - first;
    for (const start of starts) buffer.addSlot(start + moved);
    buffer.index();
    entries.encodedBytes = bytes;
    return entries;
  }

  private static withRoom(count: number, bytes: number, spareBytes: number): PackedEntries {
    const entries = new PackedEntries();
    entries.buffer = new EntryBuffer(count, bytes, spareBytes);
    return entries;
  }

  get count(): number {
    return this.buffer.count;
  }

  /** The place of `key`; of one that is not there, the complement (`~`) of the place where it belongs. */
  find(key: ByteString): number {
    return this.buffer.find(key);
  }

  keyAt(at: number): ByteString {
    return this.buffer.keyAt(at);
  }

  valueAt(at: number): Uint8Array {
    return this.loose?.[at] ?? this.buffer.valueAt(at);
  }

  keyBytes(at: number): number {
    return this.buffer.keyBytes(at);
  }

  valueBytes(at: number): number {
    return this.loose?.[at]?.length ?? this.buffer.valueBytes(at);
  }

  /** Puts a key that is not there where it belongs. */
  insert(at: number, key: ByteString, value: Uint8Array): void {
    const bytes = encodedLength(key.length, value.length);
    if (!this.buffer.hasRoom(bytes)) this.move(bytes + spareFor(this.encodedBytes));
    this.buffer.insert(at, key, value);
    this.loose?.splice(at, 0, undefined);
    this.encodedBytes += bytes;
  }

  replace(at: number, value: Uint8Array): void {
    const before = this.entryBytes(at);
    this.loose ??= Array<Uint8Array | undefined>(this.count).fill(undefined);
    if (this.loose[at] === undefined) this.looseCount += 1;
    this.loose[at] = value;
    this.encodedBytes += this.entryBytes(at) - before;
    if (this.looseCount > LOOSE_MAX) this.move(0);
    else this.shrink();
  }

  remove(at: number): void {
    this.encodedBytes -= this.entryBytes(at);
    if (this.loose?.splice(at, 1)[0] !== undefined) this.looseCount -= 1;
    this.buffer.remove(at);
    this.shrink();
  }

  /** Gives up room for more than a few entries: none is expected. */
  trim(): void {
    if (this.buffer.spareBytes > SPARE_BYTES) this.move(0);
  }

  /** A copy of the entries from place `from` to before `to`, with room for `spareBytes` more. */
  slice(from: number, to: number, spareBytes: number): PackedEntries {
    let bytes = 0;
    for (let at = from; at < to; at += 1) bytes += this.entryBytes(at);
    const copy = PackedEntries.withRoom(to - from, bytes, spareBytes);
    copy.append(this, from, to);
    copy.buffer.index();
    return copy;
  }

  /** A copy of these entries and of `others`, which are all above them. */
  concat(others: PackedEntries): PackedEntries {
    const bytes = this.encodedBytes + others.encodedBytes;
    const copy = PackedEntries.withRoom(this.count + others.count, bytes, SPARE_BYTES);
    copy.append(this, 0, this.count);
    copy.append(others, 0, others.count);
    copy.buffer.index();
    return copy;
  }

  /** Writes the entries in their order, as a page has them. */
  copyTo(target: Uint8Array, targetAt: number): void {
    this.copyRange(0, this.count, target, targetAt);
  }

  /** Entries above all that are here, which have room. The buffer is yet to be indexed. */
  private append(others: PackedEntries, from: number, to: number): void {
    const { buffer } = this;
    let bytes = 0;
    for (let at = from; at < to; at += 1) {
      buffer.addSlot(buffer.end + bytes);
      bytes += others.entryBytes(at);
    }
    others.copyRange(from, to, buffer.data, buffer.extend(bytes));
    this.encodedBytes += bytes;
  }

  private copyRange(from: number, to: number, target: Uint8Array, targetAt: number): void {
    const { buffer } = this;
    let end = targetAt;
    for (let at = from; at < to;) {
      const start = buffer.startOf(at);
      const value = this.loose?.[at];
      const after = value === undefined ? this.runFrom(at, to) : at + 1;
      const until =
        value === undefined
          ? buffer.startOf(after - 1) + this.entryBytes(after - 1)
          : buffer.keyEnd(at);
      end = copyBytes(buffer.data, start, until - start, target, end);
      if (value !== undefined) end = writeValue(target, end, value);
      at = after;
    }
  }

  /** Behind the last of the entries that lie behind each other, so that they are copied at once. */
  private runFrom(from: number, to: number): number {
    const { buffer, loose } = this;
    let at = from + 1;
    let end = buffer.startOf(from) + this.entryBytes(from);
    for (; at < to && buffer.startOf(at) === end && loose?.[at] === undefined; at += 1)
      end += this.entryBytes(at);
    return at;
  }

  /** To another buffer: as they lie, which is quick, unless much has been left behind. */
  private move(spareBytes: number): void {
    if (this.leftBytes > SPARE_BYTES) this.pack(spareBytes);
    else this.copy(spareBytes);
  }

  /** What was left behind is given up once it is more than what is kept. */
  private shrink(): void {
    if (this.leftBytes > this.encodedBytes + 2 * SPARE_BYTES) this.pack(SPARE_BYTES);
  }

  private get leftBytes(): number {
    return this.buffer.usedBytes - this.encodedBytes;
  }

  private copy(spareBytes: number): void {
    const { buffer, loose } = this;
    const moreBytes = this.looseBytes() + spareBytes;
    this.buffer = new EntryBuffer(this.count, buffer.usedBytes, moreBytes);
    this.buffer.copyFrom(buffer);
    loose?.forEach((value, at) => value && this.buffer.rewrite(at, value));
    this.noneLoose();
  }

  /** What the loose values need that do not fit where the ones before them are. */
  private looseBytes(): number {
    let bytes = 0;
    this.loose?.forEach((value, at) => {
      if (value !== undefined && value.length !== this.buffer.valueBytes(at))
        bytes += this.entryBytes(at);
    });
    return bytes;
  }

  /** In order, with nothing left behind. */
  private pack(spareBytes: number): void {
    this.buffer = this.slice(0, this.count, spareBytes).buffer;
    this.noneLoose();
  }

  private noneLoose(): void {
    this.loose = undefined;
    this.looseCount = 0;
  }

  private entryBytes(at: number): number {
    return encodedLength(this.keyBytes(at), this.valueBytes(at));
  }
}

/** A leaf doubles while it is small. */
const spareFor = (bytes: number): number => Math.min(Math.max(SPARE_BYTES, bytes), SPARE_BYTES_MAX);
