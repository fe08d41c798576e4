import { byteStringOf, type ByteString } from '../encoding/byte-string';
import {
  codeAt,
  copyBytes,
  headAt,
  headOf,
  varintAt,
  varintBytes,
  writeKey,
  writeValue,
} from './entry-encoding';

const SLOT_BYTES = 8;

/**
 * A slotted page: the bytes of entries in the order of their arrival, each encoded as a page of the tree has it, and for
 * each a slot, in the order of keys. The slot says where the entry begins and, before that, the first four bytes of its
 * key behind the prefix that all keys have in common: most places are found by those four.
 *
 * Bytes of entries are written once: values are read as views of them.
 */
export class EntryBuffer {
  count = 0;
  /** The whole buffer: slots, then entries. */
  readonly data: Uint8Array;
  /** Two numbers a slot. */
  private readonly slots: Uint32Array;
  private readonly buffer: ArrayBuffer;
  /** Where the next entry is written. */
  end: number;
  /** All keys have their first bytes in common, at least so many. */
  private prefixBytes = 0;

  /** Slots are planned for more entries of the size that these have. */
  constructor(count: number, bytes: number, spareBytes: number) {
    const slotCount = count + Math.ceil((spareBytes * (count + 1)) / (bytes + 16));
    this.end = slotCount * SLOT_BYTES;
    this.buffer = new ArrayBuffer(this.end + bytes + spareBytes);
    this.data = new Uint8Array(this.buffer);
    this.slots = new Uint32Array(this.buffer, 0, 2 * slotCount);
  }

  /** Of entries, those included that no slot tells any more. */
  get usedBytes(): number {
    return this.end - this.slots.byteLength;
  }

  /** For entries alone. */
  get spareBytes(): number {
    return this.data.length - this.end;
  }

  hasRoom(entryBytes: number): boolean {
    return this.end + entryBytes <= this.data.length && 2 * this.count < this.slots.length;
  }

  keyAt(at: number): ByteString {
    return byteStringOf(this.data, this.keyFrom(at), this.keyEnd(at));
  }

  keyBytes(at: number): number {
    return varintAt(this.data, this.startOf(at));
  }

  valueAt(at: number): Uint8Array {
    const lengthAt = this.keyEnd(at);
    const valueBytes = varintAt(this.data, lengthAt);
    // Half the cost of `subarray`.
    return new Uint8Array(this.buffer, lengthAt + varintBytes(valueBytes), valueBytes);
  }

  valueBytes(at: number): number {
    return varintAt(this.data, this.keyEnd(at));
  }

  /** Where the entry begins, and where its key ends and the value's length begins. */
  startOf(at: number): number {
    return this.slots[2 * at + 1] as number;
  }

  keyEnd(at: number): number {
    return this.keyFrom(at) + this.keyBytes(at);
  }

  /** The place of `key`; of one that is not there, the complement (`~`) of the place where it belongs. */
  find(key: ByteString): number {
    const { slots, count } = this;
    if (count === 0) return ~0;
    const order = this.comparePrefix(key);
    if (order !== 0) return order < 0 ? ~0 : ~count;
    const head = headOf(key, this.prefixBytes);
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = slots[2 * middle] as number;
      const above = other === head ? this.compareRest(middle, key) : other - head;
      if (above === 0) return middle;
      if (above < 0) low = middle + 1;
      else high = middle;
    }
    return ~low;
  }

  /** Puts an entry, for which there is room, at the place where its key belongs. */
  insert(at: number, key: ByteString, value: Uint8Array): void {
    const { slots, data, end } = this;
    this.end = writeValue(data, writeKey(data, end, key), value);
    for (let to = 2 * this.count + 1; to > 2 * at + 1; to -= 1) slots[to] = slots[to - 2] as number;
    this.count += 1;
    slots[2 * at + 1] = end;
    if (at === 0 || at === this.count - 1) this.shortenPrefix(at, key);
    slots[2 * at] = headOf(key, this.prefixBytes);
  }

  remove(at: number): void {
    const { slots } = this;
    this.count -= 1;
    for (let to = 2 * at; to < 2 * this.count; to += 1) slots[to] = slots[to + 2] as number;
  }

  /** Takes so many bytes behind the entries; gives where they begin. */
  extend(bytes: number): number {
    const start = this.end;
    this.end += bytes;
    return start;
  }

  /** Puts bytes of entries behind those that are here; gives where. They have no slots yet. */
  write(source: Uint8Array, from: number, bytes: number): number {
    const start = this.extend(bytes);
    copyBytes(source, from, bytes, this.data, start);
    return start;
  }

  /** A slot behind the others for what begins at `start`, of a key above the others; then `index` is to be called. */
  addSlot(start: number): void {
    this.slots[2 * this.count + 1] = start;
    this.count += 1;
  }

  /** Everything that `other` has, as it lies there, where nothing is yet. */
  copyFrom(other: EntryBuffer): void {
    const from = other.slots.byteLength;
    const moved = this.write(other.data, from, other.usedBytes) - from;
    for (let at = 0; at < 2 * other.count; at += 2) {
      this.slots[at] = other.slots[at] as number;
      this.slots[at + 1] = (other.slots[at + 1] as number) + moved;
    }
    this.count = other.count;
    this.prefixBytes = other.prefixBytes;
  }

  /** Gives an entry another value, while nobody has read from this buffer and with room for the whole entry. */
  rewrite(at: number, value: Uint8Array): void {
    const keyEnd = this.keyEnd(at);
    if (varintAt(this.data, keyEnd) === value.length) {
      writeValue(this.data, keyEnd, value);
      return;
    }
    const start = this.startOf(at);
    this.slots[2 * at + 1] = this.write(this.data, start, keyEnd - start);
    this.end = writeValue(this.data, this.end, value);
  }

  /** Finds the prefix and the heads anew. */
  index(): void {
    if (this.count === 0) return;
    const last = this.count - 1;
    const most = Math.min(this.keyBytes(0), this.keyBytes(last));
    const low = this.keyFrom(0);
    const high = this.keyFrom(last);
    let shared = 0;
    while (shared < most && this.data[low + shared] === this.data[high + shared]) shared += 1;
    this.prefixBytes = shared;
    this.indexHeads();
  }

  private indexHeads(): void {
    for (let at = 0; at < this.count; at += 1)
      this.slots[2 * at] = headAt(this.data, this.keyFrom(at) + this.prefixBytes, this.keyEnd(at));
  }

  /** A new first or last key may have less in common with the others. */
  private shortenPrefix(at: number, key: ByteString): void {
    if (this.count === 1) {
      this.prefixBytes = key.length;
      return;
    }
    const other = this.keyFrom(at === 0 ? 1 : 0);
    let shared = 0;
    while (shared < this.prefixBytes && this.data[other + shared] === codeAt(key, shared))
      shared += 1;
    if (shared === this.prefixBytes) return;
    this.prefixBytes = shared;
    this.indexHeads();
  }

  /** Where a key is if not among those with the common prefix: below 0 before them, above 0 behind them. */
  private comparePrefix(key: ByteString): number {
    const { data, prefixBytes } = this;
    const from = this.keyFrom(0);
    for (let at = 0; at < prefixBytes; at += 1) {
      const order = codeAt(key, at) - (data[from + at] as number);
      if (order !== 0) return order;
    }
    return 0;
  }

  /** Of two keys that have the prefix in common: below 0 when the one here is lower. */
  private compareRest(at: number, key: ByteString): number {
    const { data } = this;
    const from = this.keyFrom(at);
    const keyBytes = this.keyBytes(at);
    const shorter = keyBytes < key.length ? keyBytes : key.length;
    for (let place = this.prefixBytes; place < shorter; place += 1) {
      const order = (data[from + place] as number) - key.charCodeAt(place);
      if (order !== 0) return order;
    }
    return keyBytes - key.length;
  }

  private keyFrom(at: number): number {
    const start = this.startOf(at);
    return start + varintBytes(varintAt(this.data, start));
  }
}
