import type { ByteString } from './byte-string';
import { utf8Encode } from './utf8';

/** Buffers of writers that have finished: a new one costs more than writing a request into it. */
const spare: Uint8Array[] = [];
const NONE = new Uint8Array(0);
const SPARE_MAX = 8;
const SPARE_BYTES_MIN = 1 << 10;
const SPARE_BYTES_MAX = 1 << 16;
const COPIED_BY_HAND_BYTES = 48;

/** Appends values to a growing buffer. Integers of free size are LEB128 varints, seven bits a byte. */
export class Writer {
  private buffer: Uint8Array;
  private length = 0;

  constructor(capacity = 128) {
    const buffer = capacity <= SPARE_BYTES_MAX ? spare.pop() : undefined;
    this.buffer =
      buffer !== undefined && buffer.length >= capacity
        ? buffer
        : new Uint8Array(Math.max(capacity, SPARE_BYTES_MIN));
  }

  /** How many bytes have been written. */
  get size(): number {
    return this.length;
  }

  u8(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  u32(value: number): void {
    this.reserve(4);
    const { buffer, length } = this;
    buffer[length] = value >>> 24;
    buffer[length + 1] = value >>> 16;
    buffer[length + 2] = value >>> 8;
    buffer[length + 3] = value;
    this.length = length + 4;
  }

  /** A safe integer, 0 to 2^53 - 1. */
  varint(value: number): void {
    this.reserve(8);
    const { buffer } = this;
    let { length } = this;
    let rest = value;
    while (rest >= 0x80) {
      buffer[length++] = (rest & 0x7f) | 0x80;
      rest = rest < 0x8000_0000 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    buffer[length++] = rest;
    this.length = length;
  }

  /** An unsigned integer below 2^64 in 8 bytes. */
  u64(value: bigint): void {
    this.u32(Number(value >> 32n));
    this.u32(Number(value & 0xffff_ffffn));
  }

  /** Bytes without a length: the reader must know it. */
  raw(data: Uint8Array): void {
    this.reserve(data.length);
    const { buffer, length } = this;
    // A call of `set` costs more than the bytes of most operations do.
    if (data.length <= COPIED_BY_HAND_BYTES) {
      for (let at = 0; at < data.length; at += 1) buffer[length + at] = data[at] as number;
    } else buffer.set(data, length);
    this.length = length + data.length;
  }

  bytes(data: Uint8Array): void {
    this.varint(data.length);
    this.raw(data);
  }

  byteString(data: ByteString): void {
    this.varint(data.length);
    this.reserve(data.length);
    const { buffer, length } = this;
    for (let at = 0; at < data.length; at += 1) buffer[length + at] = data.charCodeAt(at);
    this.length = length + data.length;
  }

  text(value: string): void {
    this.byteString(utf8Encode(value));
  }

  /** What was written, in a buffer of its own; the writer is empty again. */
  finish(): Uint8Array {
    const written = this.buffer.slice(0, this.length);
    if (spare.length < SPARE_MAX && this.buffer.length <= SPARE_BYTES_MAX) spare.push(this.buffer);
    this.buffer = NONE;
    this.length = 0;
    return written;
  }

  private reserve(more: number): void {
    const wanted = this.length + more;
    if (wanted <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.buffer.length * 2, SPARE_BYTES_MIN));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }
}
