import type { ByteString } from '../encoding/byte-string';
import { Malformed } from '../encoding/malformed';
import { Reader } from '../encoding/reader';
import { Writer } from '../encoding/writer';
import { DIRECTORY_FORMAT, INNER_BLOCK_FORMAT, PAGES_MAX } from './page-format';
import type { TableKind } from './paged-table';

/** Hashes below an inner node of a Merkle tree. */
export const FAN_OUT = 256;

/** Where nothing is: an absent page, or a subtree without any. */
export const NO_HASH = '' as ByteString;

/** Place of a block in the Merkle tree of a whole state: a page (level 0), the hashes below an inner node, or the directory. */
export interface BlockAddress {
  /** `owner/name`; undefined: the directory of tables, which is the root, at level 0 and index 0. */
  readonly table: string | undefined;
  readonly level: number;
  readonly index: number;
}

/** A block as the one above it names it: its bytes have this hash. */
export interface NamedBlock {
  readonly address: BlockAddress;
  readonly hash: ByteString;
}

/** The block from which all others are reached. */
export const rootBlock = (stateRoot: ByteString): NamedBlock => ({
  address: { table: undefined, level: 0, index: 0 },
  hash: stateRoot,
});

/** A page of a table. */
export interface PageAddress {
  /** `owner/name` */
  readonly table: string;
  readonly page: number;
}

/** In what a state differs from ours, as far as one block of it tells. */
export interface Differences {
  /** Blocks to be had next: inner ones to look into, and pages (level 0) to be loaded. */
  readonly wanted: readonly NamedBlock[];
  /** Pages that we have and the other state has not. */
  readonly gone: readonly PageAddress[];
}

/** What the directory says of a table. */
export interface TableRoot {
  /** `owner/name` */
  readonly name: string;
  readonly kind: TableKind;
  readonly recordBytes: number;
  /** One more than the highest page in use. */
  readonly pageCount: number;
  /** Hash of the block at level `heightOf(pageCount)`, index 0. */
  readonly root: ByteString;
}

/** Levels above the pages: as many as bring them together under one hash. */
export function heightOf(pageCount: number): number {
  let height = 0;
  for (let span = 1; span < pageCount; span *= FAN_OUT) height += 1;
  return height;
}

/** How many pages are below one block of this level. */
export const spanOf = (level: number): number => FAN_OUT ** level;

/** Up to the last child that is there. Undefined when none is. */
export function encodeInner(hashes: readonly ByteString[]): Uint8Array | undefined {
  let count = hashes.length;
  while (count > 0 && hashes[count - 1] === NO_HASH) count -= 1;
  if (count === 0) return undefined;
  const writer = new Writer();
  writer.u8(INNER_BLOCK_FORMAT);
  writer.varint(count);
  for (let at = 0; at < count; at += 1) writer.byteString(hashes[at] as ByteString);
  return writer.finish();
}

export function decodeInner(bytes: Uint8Array): readonly ByteString[] {
  const reader = new Reader(bytes);
  if (reader.u8() !== INNER_BLOCK_FORMAT) throw new Malformed('', 'is no inner block');
  const count = reader.varint();
  if (count > FAN_OUT) throw new Malformed('', `has ${count} children`);
  const hashes = Array.from({ length: count }, () => reader.byteString());
  reader.end();
  return hashes;
}

const KINDS: readonly TableKind[] = ['records', 'ordered'];

/** Tables by rising name. */
export function encodeDirectory(tables: readonly TableRoot[]): Uint8Array {
  const writer = new Writer();
  writer.u8(DIRECTORY_FORMAT);
  writer.varint(tables.length);
  for (const { name, kind, recordBytes, pageCount, root } of tables) {
    writer.text(name);
    writer.u8(KINDS.indexOf(kind));
    writer.varint(recordBytes);
    writer.varint(pageCount);
    writer.byteString(root);
  }
  return writer.finish();
}

export function decodeDirectory(bytes: Uint8Array): readonly TableRoot[] {
  const reader = new Reader(bytes);
  if (reader.u8() !== DIRECTORY_FORMAT) throw new Malformed('', 'is no directory of tables');
  const tables: TableRoot[] = [];
  for (let left = reader.varint(); left > 0; left -= 1) tables.push(readTable(reader));
  reader.end();
  return tables;
}

function readTable(reader: Reader): TableRoot {
  const name = reader.text();
  const kind = KINDS[reader.u8()];
  if (kind === undefined) throw new Malformed(name, 'is a table of no known kind');
  const recordBytes = reader.varint();
  const pageCount = reader.varint();
  if (pageCount > PAGES_MAX) throw new Malformed(name, `cannot have ${pageCount} pages`);
  return { name, kind, recordBytes, pageCount, root: reader.byteString() };
}
