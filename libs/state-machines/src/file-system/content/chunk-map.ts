import { keyU64, readKeyU64, type ByteString } from '@lockstep/vr-core';
import { getU64, putU64 } from '../model/fixed-width';
import { KIND, type ExtraTable } from '../model/extra-table';
import type { Ino } from '../model/inode-type';
import type { Chunk } from '../wire/operations';

/** Chunks of one file, as many as HDFS lets a file have blocks by default: all of them may go in one operation. */
export const CHUNKS_OF_FILE_MAX = 10_000;

const COUNT_BYTES = 8;

/** How many there are is kept under the empty key, before all of them. */
const COUNT = '' as ByteString;

export function countOfChunks(extra: ExtraTable, ino: Ino): number {
  const count = extra.get(ino, KIND.chunk, COUNT);
  return count === undefined ? 0 : getU64(count, 0);
}

/** Chunks in order of their indexes, from `from` on. Do not write while iterating. */
export function* chunksOf(extra: ExtraTable, ino: Ino, from = 0): Iterable<Chunk> {
  for (const [at, data] of extra.list(ino, KIND.chunk, keyU64(from)))
    yield { index: readKeyU64(at, 0), data };
}

export function lastIndexOf(extra: ExtraTable, ino: Ino): number | undefined {
  let last: number | undefined;
  for (const { index } of chunksOf(extra, ino)) last = index;
  return last;
}

/** Takes chunks away, then puts others, and tells how many there are now. */
export function changeChunks(
  extra: ExtraTable,
  ino: Ino,
  put: readonly Chunk[],
  remove: readonly number[],
): number {
  let count = countOfChunks(extra, ino);
  for (const index of remove) if (extra.delete(ino, KIND.chunk, keyU64(index))) count -= 1;
  for (const { index, data } of put) {
    const at = keyU64(index);
    if (extra.get(ino, KIND.chunk, at) === undefined) count += 1;
    extra.put(ino, KIND.chunk, data, at);
  }
  putCount(extra, ino, count);
  return count;
}

export function dropChunks(extra: ExtraTable, ino: Ino): void {
  const keys = Array.from(extra.list(ino, KIND.chunk), ([at]) => at);
  for (const at of keys) extra.delete(ino, KIND.chunk, at);
}

function putCount(extra: ExtraTable, ino: Ino, count: number): void {
  if (count === 0) {
    extra.delete(ino, KIND.chunk, COUNT);
    return;
  }
  const bytes = new Uint8Array(COUNT_BYTES);
  putU64(bytes, 0, count);
  extra.put(ino, KIND.chunk, bytes, COUNT);
}
