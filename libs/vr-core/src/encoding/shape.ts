import { isByteString, type ByteString } from './byte-string';
import { Malformed } from './malformed';
import { Reader } from './reader';
import { isWellFormed, utf8Encode } from './utf8';
import { Writer } from './writer';

/**
 * One description of a value: its TypeScript type, its bytes, and its check. Writing checks the value, also one
 * that came from JSON and is typed only by hope; reading checks the bytes. Both end in `Malformed` with the field.
 */
export interface Shape<T> {
  write(writer: Writer, value: T): void;
  read(reader: Reader): T;
}

export type ShapeOf<S> = S extends Shape<infer T> ? T : never;

export function encode<T>(shape: Shape<T>, value: T): Uint8Array {
  const writer = new Writer();
  shape.write(writer, value);
  return writer.finish();
}

/** The value, or `Malformed`; bytes left over are a fault. */
export function decode<T>(shape: Shape<T>, data: Uint8Array): T {
  const reader = new Reader(data);
  const value = shape.read(reader);
  reader.end();
  return value;
}

/** A safe integer from `min` to `max`. */
export function integer(min = 0, max = Number.MAX_SAFE_INTEGER): Shape<number> {
  const check = (value: number): number => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value))
      throw new Malformed('', 'must be an integer');
    if (value < min || value > max) throw new Malformed('', `must be from ${min} to ${max}`);
    return value;
  };
  return {
    write: (writer, value) => writer.varint(check(value) - min),
    read: (reader) => check(reader.varint() + min),
  };
}

/** One of the core's counters. */
export function counter<N extends number>(): Shape<N> {
  return integer() as unknown as Shape<N>;
}

/** A bigint from 0 to 2^64 - 1. */
export const u64: Shape<bigint> = {
  write(writer, value) {
    if (typeof value !== 'bigint') throw new Malformed('', 'must be a 64-bit integer');
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn)
      throw new Malformed('', 'must be from 0 to 2^64 - 1');
    writer.u64(value);
  },
  read: (reader) => reader.u64(),
};

/** A bigint from -2^63 to 2^63 - 1. */
export const i64: Shape<bigint> = {
  write(writer, value) {
    if (typeof value !== 'bigint') throw new Malformed('', 'must be a 64-bit integer');
    if (value !== BigInt.asIntN(64, value))
      throw new Malformed('', 'must be from -2^63 to 2^63 - 1');
    writer.u64(BigInt.asUintN(64, value));
  },
  read: (reader) => BigInt.asIntN(64, reader.u64()),
};

export const bool: Shape<boolean> = {
  write(writer, value) {
    if (typeof value !== 'boolean') throw new Malformed('', 'must be true or false');
    writer.u8(value ? 1 : 0);
  },
  read(reader) {
    const byte = reader.u8();
    if (byte > 1) throw new Malformed('', 'neither true nor false');
    return byte === 1;
  },
};

/** Well-formed text of at most `maxBytes` bytes of UTF-8. */
export function text(maxBytes: number, minBytes = 0): Shape<string> {
  const checkLength = (length: number): void => {
    if (length > maxBytes)
      throw new Malformed('', `must have at most ${maxBytes} bytes of UTF-8, has ${length}`);
    if (length < minBytes)
      throw new Malformed(
        '',
        minBytes === 1 ? 'must not be empty' : `must have at least ${minBytes} bytes`,
      );
  };
  return {
    write(writer, value) {
      if (typeof value !== 'string') throw new Malformed('', 'must be a string');
      if (!isWellFormed(value)) throw new Malformed('', 'must be valid Unicode text');
      const bytes = utf8Encode(value);
      checkLength(bytes.length);
      writer.byteString(bytes);
    },
    read(reader) {
      const length = reader.varint();
      checkLength(length);
      return reader.textOf(length);
    },
  };
}

export function bytes(maxBytes: number): Shape<Uint8Array> {
  const check = (value: Uint8Array): Uint8Array => {
    if (!(value instanceof Uint8Array)) throw new Malformed('', 'must be bytes');
    if (value.length > maxBytes)
      throw new Malformed('', `must have at most ${maxBytes} bytes, has ${value.length}`);
    return value;
  };
  return {
    write: (writer, value) => writer.bytes(check(value)),
    read: (reader) => check(reader.bytes()),
  };
}

export function byteString(maxBytes: number): Shape<ByteString> {
  const bounded = (value: ByteString): ByteString => {
    if (value.length > maxBytes)
      throw new Malformed('', `must have at most ${maxBytes} bytes, has ${value.length}`);
    return value;
  };
  return {
    write(writer, value) {
      if (typeof value !== 'string' || !isByteString(value))
        throw new Malformed('', 'must be bytes');
      writer.byteString(bounded(value));
    },
    read: (reader) => bounded(reader.byteString()),
  };
}

/** One of a closed list of words, one byte on the wire: append to the list, never reorder it. */
export function word<const W extends readonly string[]>(...words: W): Shape<W[number]> {
  return {
    write(writer, value) {
      const at = words.indexOf(value);
      if (at < 0) throw new Malformed('', `must be one of ${words.join(', ')}`);
      writer.u8(at);
    },
    read(reader) {
      const value = words[reader.u8()];
      if (value === undefined) throw new Malformed('', `none of ${words.join(', ')}`);
      return value;
    },
  };
}

/** `undefined` or a value. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    write(writer, value) {
      writer.u8(value === undefined ? 0 : 1);
      if (value !== undefined) shape.write(writer, value);
    },
    read: (reader) => (bool.read(reader) ? shape.read(reader) : undefined),
  };
}

export function list<T>(item: Shape<T>, maxItems: number): Shape<readonly T[]> {
  return {
    write(writer, value) {
      if (!Array.isArray(value)) throw new Malformed('', 'must be a list');
      if (value.length > maxItems)
        throw new Malformed('', `must have at most ${maxItems} items, has ${value.length}`);
      writer.varint(value.length);
      value.forEach((one: T, at) => within(`${at}`, () => item.write(writer, one)));
    },
    read(reader) {
      const length = reader.varint();
      if (length > maxItems)
        throw new Malformed('', `must have at most ${maxItems} items, has ${length}`);
      const items: T[] = [];
      for (let at = 0; at < length; at += 1) items.push(within(`${at}`, () => item.read(reader)));
      return items;
    },
  };
}

/** A structure that can also be written and read as a case of a union, which adds its `kind`. */
interface StructShape<T> extends Shape<T> {
  writeFields(writer: Writer, value: T, isCase: boolean): void;
  readFields(reader: Reader, kind: string | undefined): T;
}

/** Fields in the order they are written here; the names are not on the wire. Unknown fields are refused. */
export function struct<T extends object>(fields: {
  readonly [K in keyof T]: Shape<T[K]>;
}): Shape<{ readonly [K in keyof T]: T[K] }> {
  const names = Object.keys(fields);
  const shapes = Object.values<Shape<unknown>>(fields);
  const known = new Set(names);
  const blank = Object.fromEntries(names.map((name) => [name, undefined]));
  const shape: StructShape<T> = {
    write: (writer, value) => {
      shape.writeFields(writer, value, false);
    },
    read: (reader) => shape.readFields(reader, undefined),
    writeFields(writer, value, isCase) {
      const record = recordOf(value);
      refuseUnknown(record, names, known, isCase);
      let at = 0;
      try {
        for (; at < names.length; at += 1)
          (shapes[at] as Shape<unknown>).write(writer, record[names[at] as string]);
      } catch (fault) {
        throw inField(names[at] as string, fault);
      }
    },
    readFields(reader, kind) {
      // Copies of one object share its layout, which is quicker to make and to use than fields added one by one.
      const record: Record<string, unknown> =
        kind === undefined ? { ...blank } : { kind, ...blank };
      let at = 0;
      try {
        for (; at < names.length; at += 1)
          record[names[at] as string] = (shapes[at] as Shape<unknown>).read(reader);
      } catch (fault) {
        throw inField(names[at] as string, fault);
      }
      return record as T;
    },
  };
  return shape;
}

/** Most values have their fields in the order of the shape, which makes this a comparison of names in step. */
function refuseUnknown(
  record: Record<string, unknown>,
  names: readonly string[],
  known: ReadonlySet<string>,
  isCase: boolean,
): void {
  let at = 0;
  for (const name of Object.keys(record)) {
    if (name === names[at]) at += 1;
    else if (!known.has(name) && !(isCase && name === 'kind'))
      throw new Malformed(name, 'is not a known field');
  }
}

type Union<C> = { [K in keyof C & string]: { readonly kind: K } & C[K] }[keyof C & string];

/** Structures told apart by `kind`, one byte on the wire: append cases, never reorder them. */
export function union<C extends Record<string, object>>(cases: {
  readonly [K in keyof C]: Shape<C[K]>;
}): Shape<Union<C>> {
  const kinds = Object.keys(cases);
  const shapes = Object.values(cases) as unknown as StructShape<unknown>[];
  if (shapes.some((shape) => !('writeFields' in shape)))
    throw new TypeError('the cases of a union are structures');
  return {
    write(writer, value) {
      const { kind } = recordOf(value);
      const at = kinds.indexOf(kind as string);
      if (at < 0) throw new Malformed('kind', `must be one of ${kinds.join(', ')}`);
      writer.u8(at);
      (shapes[at] as StructShape<unknown>).writeFields(writer, value, true);
    },
    read(reader) {
      const at = reader.u8();
      const shape = shapes[at];
      if (shape === undefined) throw new Malformed('kind', `none of ${kinds.join(', ')}`);
      return shape.readFields(reader, kinds[at]) as Union<C>;
    },
  };
}

function within<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (fault) {
    throw inField(name, fault);
  }
}

function inField(name: string, fault: unknown): unknown {
  return fault instanceof Malformed ? fault.within(name) : fault;
}

/** Typed only by hope: what came from JSON may be anything. */
function recordOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Malformed('', 'must be an object');
  return value as Record<string, unknown>;
}
