import { keyU32, readKeyU32 } from '@lockstep/vr-core';
import { KIND, type ExtraTable } from '../model/extra-table';
import type { Ino } from '../model/inode-type';
import { CONTENT_MAX } from '../model/limits';

/**
 * Content is kept in pieces of one block of `st_blocks`: seven of them fill a page of the table, and what a file takes is
 * counted exactly. A piece ends with the last byte that was written to it; what is not there reads as zeros.
 */
export const PIECE_BYTES = 512;

/** Bytes of a file, and where they are in it. */
export interface Piece {
  readonly offset: number;
  readonly data: Uint8Array;
}

/** All that was written, from the piece on in which `from` is; holes between. Do not write while iterating. */
export function* piecesOf(extra: ExtraTable, ino: Ino, from = 0): Iterable<Piece> {
  if (from >= CONTENT_MAX) return;
  const first = keyU32(Math.floor(from / PIECE_BYTES));
  for (const [at, data] of extra.list(ino, KIND.content, first))
    yield { offset: readKeyU32(at, 0) * PIECE_BYTES, data };
}

/** Bytes of the content, zeros where there is none. */
export function readPieces(
  extra: ExtraTable,
  ino: Ino,
  offset: number,
  length: number,
): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const piece of piecesOf(extra, ino, offset)) {
    const start = piece.offset - offset;
    if (start >= length) break;
    const skipped = Math.max(0, -start);
    bytes.set(piece.data.subarray(skipped, Math.max(skipped, length - start)), start + skipped);
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
  const beyond = Array.from(piecesOf(extra, ino, size));
  let gone = 0;
  for (const { offset, data } of beyond) {
    const at = keyU32(offset / PIECE_BYTES);
    if (offset < size) extra.put(ino, KIND.content, data.slice(0, size - offset), at);
    else if (extra.delete(ino, KIND.content, at)) gone += 1;
  }
  return gone;
}
