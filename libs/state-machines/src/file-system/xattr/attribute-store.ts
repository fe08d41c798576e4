import { key, terminated, type ByteString } from '@lockstep/vr-core';
import { getU64, putU64 } from '../model/fixed-width';
import { KIND } from '../model/extra-table';
import type { FileTree } from '../model/file-tree';
import type { Ino } from '../model/inode-type';

/**
 * Extended attributes in `extra`. Under the empty key, which no attribute has, is what all of them take; under a name and
 * the number of a piece the pieces of its value, so that a page of the table holds more than one row.
 */
const PIECE_BYTES = 1024;
const TOTAL = '' as ByteString;
const TOTAL_BYTES = 8;

/** What an attribute takes beside its name and its value: many small ones are not free. */
const OVERHEAD_BYTES = 16;

export function readAttribute(tree: FileTree, ino: Ino, name: ByteString): Uint8Array | undefined {
  const pieces = piecesOf(tree, ino, name);
  if (pieces.length === 0) return undefined;
  const value = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    value.set(piece, at);
    at += piece.length;
  }
  return value;
}

/** In place of the value that the name may have. */
export function writeAttribute(
  tree: FileTree,
  ino: Ino,
  name: ByteString,
  value: Uint8Array,
): void {
  eraseAttribute(tree, ino, name);
  // An empty value is one piece of nothing.
  const pieces = Math.max(1, Math.ceil(value.length / PIECE_BYTES));
  for (let piece = 0; piece < pieces; piece += 1) {
    const from = piece * PIECE_BYTES;
    const bytes = value.slice(from, from + PIECE_BYTES);
    tree.extra.put(ino, KIND.xattr, bytes, pieceKey(name, piece));
  }
  putTotal(tree, ino, bytesOfAll(tree, ino) + bytesOf(name, value));
}

/** False when there was none of that name. */
export function eraseAttribute(tree: FileTree, ino: Ino, name: ByteString): boolean {
  const value = readAttribute(tree, ino, name);
  if (value === undefined) return false;
  for (let piece = 0; tree.extra.delete(ino, KIND.xattr, pieceKey(name, piece)); piece += 1);
  putTotal(tree, ino, bytesOfAll(tree, ino) - bytesOf(name, value));
  return true;
}

/** In bytewise order. */
export function* attributeNames(tree: FileTree, ino: Ino): Iterable<ByteString> {
  for (const [at] of tree.extra.list(ino, KIND.xattr)) {
    // No name holds a zero byte, so none is changed by `terminated`.
    const name = at.slice(0, at.indexOf('\0')) as ByteString;
    if (at === pieceKey(name, 0)) yield name;
  }
}

/** What all attributes of an inode take: names, values, and something for each. */
export function bytesOfAll(tree: FileTree, ino: Ino): number {
  const total = tree.extra.get(ino, KIND.xattr, TOTAL);
  return total === undefined ? 0 : getU64(total, 0);
}

/** What one attribute takes. */
export function bytesOf(name: ByteString, value: Uint8Array): number {
  return OVERHEAD_BYTES + name.length + value.length;
}

function piecesOf(tree: FileTree, ino: Ino, name: ByteString): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = tree.extra.get(ino, KIND.xattr, pieceKey(name, pieces.length));
    if (piece === undefined) return pieces;
    pieces.push(piece);
  }
}

/** A value has at most 64 pieces. */
const pieceKey = (name: ByteString, piece: number): ByteString =>
  key(terminated(name), String.fromCharCode(piece) as ByteString);

function putTotal(tree: FileTree, ino: Ino, bytes: number): void {
  if (bytes === 0) {
    tree.extra.delete(ino, KIND.xattr, TOTAL);
    return;
  }
  const total = new Uint8Array(TOTAL_BYTES);
  putU64(total, 0, bytes);
  tree.extra.put(ino, KIND.xattr, total, TOTAL);
}
