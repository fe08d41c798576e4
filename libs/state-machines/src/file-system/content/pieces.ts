import { keyU32, readKeyU32 } from '@lockstep/vr-core';
import { KIND, type ExtraTable } from '../model/extra-table';
import type { Ino } from '../model/inode-type';

/**
 * Content is kept in pieces of one block of `st_blocks`: seven of them fill a page of the table, and what a file takes is
 * counted exactly. A piece ends with the last byte that was written to it; what is not there reads as zeros.
 */
export const PIECE_BYTES = 512;

/** Bytes of the content, zeros where there is none. */
export function readPieces(
  extra: ExtraTable,
  ino: Ino,
  offset: number,
  length: number,
): Uint8Array {
  const bytes = new Uint8Array(length);
  const from = Math.floor(offset / PIECE_BYTES);
  for (const [at, piece] of extra.list(ino, KIND.content, keyU32(from))) {
    const start = readKeyU32(at, 0) * PIECE_BYTES - offset;
    if (start >= length) break;
    const skipped = Math.max(0, -start);
    bytes.set(piece.subarray(skipped, Math.max(skipped, length - start)), start + skipped);
  }
  return bytes;
}

/** Writes bytes, and tells how many pieces that has made. */
export function writePieces(extra: ExtraTable, ino: Ino, offset: number, data: Uint8Array): number {
  let made = 0;
  for (let at = 0; at < data.length;) {
    const number = Math.floor((offset + at) / PIECE_BYTES);
    const within = (offset + at) % PIECE_BYTES;
    const part = data.subarray(at, at + PIECE_BYTES - within);
    const before = extra.get(ino, KIND.content, keyU32(number));
    if (before === undefined) made += 1;
    const piece = new Uint8Array(Math.max(before?.length ?? 0, within + part.length));
    if (before !== undefined) piece.set(before);
    piece.set(part, within);
    extra.put(ino, KIND.content, piece, keyU32(number));
    at += part.length;
  }
  return made;
}

/** Forgets what is at `size` and beyond, and tells how many pieces have gone. */
export function cutPieces(extra: ExtraTable, ino: Ino, size: number): number {
  const number = Math.floor(size / PIECE_BYTES);
  const beyond = Array.from(extra.list(ino, KIND.content, keyU32(number)));
  let gone = 0;
  for (const [at, piece] of beyond) {
    const start = readKeyU32(at, 0) * PIECE_BYTES;
    if (start < size) extra.put(ino, KIND.content, piece.slice(0, size - start), at);
    else if (extra.delete(ino, KIND.content, at)) gone += 1;
  }
  return gone;
}
