import {
  afterPrefix,
  decode,
  encode,
  type ByteString,
  type Ordered,
  type Shape,
} from '@lockstep/vr-core';

/** An ordered table whose values have one shape. */
export interface TypedTable<T> {
  get(key: ByteString): T | undefined;
  put(key: ByteString, row: T): void;
  delete(key: ByteString): void;
  /** The lowest row whose key starts with `prefix` and is longer. */
  firstIn(prefix: ByteString): TypedEntry<T> | undefined;
  /** The lowest row above `key` whose key starts with `prefix`. */
  nextIn(prefix: ByteString, key: ByteString): TypedEntry<T> | undefined;
  /** Rows whose keys start with `prefix`, in order, from `from` on. Do not write to the table while iterating. */
  in(prefix: ByteString, from?: ByteString): Iterable<TypedEntry<T>>;
  /** Number of rows whose keys start with `prefix`, from `from` on: a walk over them. */
  countFrom(from: ByteString, prefix: ByteString): number;
  /** Number of rows. */
  readonly size: number;
}

export type TypedEntry<T> = readonly [key: ByteString, row: T];

export function typedTable<T>(table: Ordered, shape: Shape<T>): TypedTable<T> {
  function* rowsIn(prefix: ByteString, from = prefix): Iterable<TypedEntry<T>> {
    const start = from > prefix ? from : prefix;
    for (const [at, bytes] of table.range(start, afterPrefix(prefix))) {
      yield [at, decode(shape, bytes)];
    }
  }
  function nextIn(prefix: ByteString, after: ByteString): TypedEntry<T> | undefined {
    const entry = table.next(after);
    return entry?.[0].startsWith(prefix) ? [entry[0], decode(shape, entry[1])] : undefined;
  }
  return {
    get(at) {
      const bytes = table.get(at);
      return bytes === undefined ? undefined : decode(shape, bytes);
    },
    put: (at, row) => table.put(at, encode(shape, row)),
    delete: (at) => void table.delete(at),
    firstIn: (prefix) => nextIn(prefix, prefix),
    nextIn,
    in: rowsIn,
    get size() {
      return table.size;
    },
    countFrom(from, prefix) {
      let count = 0;
      for (const _ of table.range(from, afterPrefix(prefix))) count += 1;
      return count;
    },
  };
}
