import type { ByteString } from './byte-string';
import { utf8Encode } from './utf8';

/** Buffers of writers that have finished: a new one costs more than writing a request into it. */
const spare: Uint8Array[] = [];
const NONE = new Uint8Array(0);
const SPARE_MAX = 8;
const SPARE_BYTES_MIN = 1 << 10;
const SPARE_BYTES_MAX = 1 << 16;

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

  u8(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  u32(value: number): void {
    this.reserve(4);
    this.buffer[this.length++] = value >>> 24;
    this.buffer[this.length++] = value >>> 16;
    this.buffer[this.length++] = value >>> 8;
    this.buffer[this.length++] = value;
  }

  /** A safe integer, 0 to 2^53 - 1. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.length++] = rest;
  }

  /** An unsigned integer below 2^64 in 8 bytes. */
  u64(value: bigint): void {
    this.u32(Number(value >> 32n));
    this.u32(Number(value & 0xffff_ffffn));
  }

  /** Bytes without a length: the reader must know it. */
  raw(data: Uint8Array): void {
    this.reserve(data.length);
    this.buffer.set(data, this.length);
    this.length += data.length;
  }

  bytes(data: Uint8Array): void {
    this.varint(data.length);
    this.raw(data);
  }

  byteString(data: ByteString): void {
    this.varint(data.length);
    this.reserve(data.length);
    for (let at = 0; at < data.length; at += 1) this.buffer[this.length++] = data.charCodeAt(at);
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
