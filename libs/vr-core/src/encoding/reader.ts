import { byteStringOf, type ByteString } from './byte-string';
import { interned } from './interned';
import { Malformed } from './malformed';
import { utf8Decode } from './utf8';

/** Reads what a Writer wrote. Every read is bounds-checked: bytes from outside end in `Malformed`, never in garbage. */
export class Reader {
  private readonly data: Uint8Array;
  private at = 0;

  constructor(data: Uint8Array) {
    this.data = data;
  }

  /** How many bytes have been read. */
  get position(): number {
    return this.at;
  }

  get remaining(): number {
    return this.data.length - this.at;
  }

  u8(): number {
    return this.data[this.need(1)] as number;
  }

  u32(): number {
    const at = this.need(4);
    const d = this.data;
    return (
      (d[at] as number) * 0x100_0000 +
      (((d[at + 1] as number) << 16) | ((d[at + 2] as number) << 8) | (d[at + 3] as number))
    );
  }

  varint(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let scale = 0x80;
    for (let byteCount = 1; byteCount < 8; byteCount += 1) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) throw new Malformed('', 'an integer above 2^53 - 1');
        return value;
      }
      scale *= 0x80;
    }
    throw new Malformed('', 'an integer of more than 8 bytes');
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  /** A view of the next `length` bytes: it shares the buffer that is read. */
  raw(length: number): Uint8Array {
    const at = this.need(length);
    return this.data.subarray(at, at + length);
  }

  bytes(): Uint8Array {
    return this.raw(this.varint());
  }

  byteString(): ByteString {
    const at = this.need(this.varint());
    return byteStringOf(this.data, at, this.at);
  }

  text(): string {
    return this.textOf(this.varint());
  }

  /** Text of which the length, in bytes, has been read already. */
  textOf(length: number): string {
    const at = this.need(length);
    return decoded(byteStringOf(this.data, at, this.at));
  }

  /** The same as `text`, at less cost for a text that comes again and again: a name, an id. */
  repeatedText(): string {
    const at = this.need(this.varint());
    return decoded(interned(this.data, at, this.at));
  }

  /** Everything must have been read: bytes left over are a fault, not padding. */
  end(): void {
    if (this.remaining !== 0) throw new Malformed('', `${this.remaining} bytes too many`);
  }

  private need(length: number): number {
    const { at } = this;
    if (length > this.data.length - at) throw new Malformed('', 'ends too early');
    this.at = at + length;
    return at;
  }
}

function decoded(bytes: ByteString): string {
  const text = utf8Decode(bytes);
  if (text === undefined) throw new Malformed('', 'not well-formed UTF-8');
  return text;
}
