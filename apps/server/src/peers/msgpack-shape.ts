/** Arrays and maps, and what is in them: a full frame of ours has about a tenth of it. */
const VALUES_MAX = 1 << 21;

/**
 * How each first byte goes on: `length` bytes say how long it is, or how many are in it. What is left out is no value.
 * (MessagePack specification, "Formats")
 */
interface Format {
  readonly kind: 'bytes' | 'array' | 'map';
  /** Where the length does not stand in bytes of its own. */
  readonly fixed: number;
  readonly lengthBytes: 0 | 1 | 2 | 4;
}

/**
 * Walks a MessagePack value before anybody decodes it, and throws when decoding could cost more than the bytes are: what
 * says that it has four thousand million elements is given room for them by `notepack.io`, and ends the process. Also
 * refuses what sets prototypes.
 */
export function checkMsgpack(data: Uint8Array): void {
  const walk = new Walk(data);
  walk.value();
  while (walk.isInside) walk.value();
  if (walk.at !== data.length) throw new Error('bytes after the value');
}

class Walk {
  at = 0;
  private readonly data: Uint8Array;
  private values = 0;
  /** Of each map and array around this place: how many values are to come, and whether it is a map. */
  private readonly toCome: number[] = [];
  private readonly isMap: boolean[] = [];

  constructor(data: Uint8Array) {
    this.data = data;
  }

  get isInside(): boolean {
    return this.toCome.length > 0;
  }

  value(): void {
    this.values += 1;
    if (this.values > VALUES_MAX) throw new Error('too many values');
    const isKey = this.enter();
    const format = FORMATS[this.data[this.at] ?? 0xc1];
    if (format === undefined) throw new Error('no value, or half of one');
    this.at += 1;
    const length = format.fixed + this.number(format.lengthBytes);
    if (format.kind === 'bytes') this.skip(length, isKey);
    else this.open(format.kind === 'map', length);
    this.leave();
  }

  /** True when the next value is a key. */
  private enter(): boolean {
    const top = this.toCome.length - 1;
    if (top < 0) return false;
    const left = this.toCome[top] ?? 0;
    this.toCome[top] = left - 1;
    return this.isMap[top] === true && left % 2 === 0;
  }

  private open(isMap: boolean, length: number): void {
    const values = isMap ? 2 * length : length;
    if (values > this.data.length - this.at) throw new Error('shorter than it says');
    this.toCome.push(values);
    this.isMap.push(isMap);
  }

  private leave(): void {
    while (this.toCome.at(-1) === 0) {
      this.toCome.pop();
      this.isMap.pop();
    }
  }

  private skip(length: number, isKey: boolean): void {
    if (length > this.data.length - this.at) throw new Error('shorter than it says');
    if (isKey && length === PROTO.length && this.isProto()) throw new Error('a key is __proto__');
    this.at += length;
  }

  private isProto(): boolean {
    return PROTO.every((byte, index) => this.data[this.at + index] === byte);
  }

  private number(bytes: number): number {
    let number = 0;
    for (let read = 0; read < bytes; read += 1)
      number = number * 256 + (this.data[this.at + read] ?? 0);
    this.at += bytes;
    return number;
  }
}

const PROTO = [...Buffer.from('__proto__')];

function formatOf(first: number): Format | undefined {
  if (first < 0x80 || first >= 0xe0) return bytes(0);
  if (first < 0x90) return { kind: 'map', fixed: first & 0x0f, lengthBytes: 0 };
  if (first < 0xa0) return { kind: 'array', fixed: first & 0x0f, lengthBytes: 0 };
  if (first < 0xc0) return bytes(first & 0x1f);
  return OTHERS.get(first);
}

function bytes(fixed: number, lengthBytes: 0 | 1 | 2 | 4 = 0): Format {
  return { kind: 'bytes', fixed, lengthBytes };
}

/** Extensions have a byte for their type. */
const OTHERS: ReadonlyMap<number, Format> = new Map([
  [0xc0, bytes(0)],
  [0xc2, bytes(0)],
  [0xc3, bytes(0)],
  [0xc4, bytes(0, 1)],
  [0xc5, bytes(0, 2)],
  [0xc6, bytes(0, 4)],
  [0xc7, bytes(1, 1)],
  [0xc8, bytes(1, 2)],
  [0xc9, bytes(1, 4)],
  [0xca, bytes(4)],
  [0xcb, bytes(8)],
  [0xcc, bytes(1)],
  [0xcd, bytes(2)],
  [0xce, bytes(4)],
  [0xcf, bytes(8)],
  [0xd0, bytes(1)],
  [0xd1, bytes(2)],
  [0xd2, bytes(4)],
  [0xd3, bytes(8)],
  [0xd4, bytes(2)],
  [0xd5, bytes(3)],
  [0xd6, bytes(5)],
  [0xd7, bytes(9)],
  [0xd8, bytes(17)],
  [0xd9, bytes(0, 1)],
  [0xda, bytes(0, 2)],
  [0xdb, bytes(0, 4)],
  [0xdc, { kind: 'array', fixed: 0, lengthBytes: 2 }],
  [0xdd, { kind: 'array', fixed: 0, lengthBytes: 4 }],
  [0xde, { kind: 'map', fixed: 0, lengthBytes: 2 }],
  [0xdf, { kind: 'map', fixed: 0, lengthBytes: 4 }],
]);

const FORMATS: readonly (Format | undefined)[] = Array.from({ length: 256 }, (_, first) =>
  formatOf(first),
);
