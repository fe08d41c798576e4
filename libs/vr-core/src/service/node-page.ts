import { byteStringOf, type ByteString } from '../encoding/byte-string';
import { Malformed } from '../encoding/malformed';
import { Reader } from '../encoding/reader';
import { Writer } from '../encoding/writer';
import { entryBytes, keyBytes, keyCountOf, type Branch, type Leaf, type Node } from './b-tree-node';
import { varintBytes, writeVarint } from './entry-encoding';
import { PackedEntries } from './packed-entries';
import { BRANCH_PAGE_FORMAT, LEAF_PAGE_FORMAT, PAGES_MAX } from './page-format';

/** Most nodes fit, with the lengths of their parts. */
const WRITER_BYTES = 1 << 13;

/**
 * Format, count of keys, then of a leaf each key and its value, of a branch the first child, each key and the child
 * above it. Undefined for the leaf without a key: an empty tree has no page.
 */
export function encodeNode(node: Node): Uint8Array | undefined {
  if (keyCountOf(node) === 0) return undefined;
  return node.leaf ? encodeLeaf(node) : encodeBranch(node);
}

/** Entries are kept as a page has them. */
function encodeLeaf({ entries }: Leaf): Uint8Array {
  const from = 1 + varintBytes(entries.count);
  const bytes = new Uint8Array(from + entries.encodedBytes);
  bytes[0] = LEAF_PAGE_FORMAT;
  writeVarint(bytes, 1, entries.count);
  entries.copyTo(bytes, from);
  return bytes;
}

function encodeBranch({ keys, children }: Branch): Uint8Array {
  const writer = new Writer(WRITER_BYTES);
  writer.u8(BRANCH_PAGE_FORMAT);
  writer.varint(keys.length);
  writer.varint(children[0] as number);
  keys.forEach((key, at) => {
    writer.byteString(key);
    writer.varint(children[at + 1] as number);
  });
  return writer.finish();
}

/** The node of page `page`, of which nothing shares `bytes`. Throws `Malformed` unless `encodeNode` gives just these. */
export function decodeNode(page: number, bytes: Uint8Array): Node {
  const reader = new Reader(bytes);
  const format = reader.u8();
  if (format !== LEAF_PAGE_FORMAT && format !== BRANCH_PAGE_FORMAT)
    throw new Malformed('', 'is no node of a tree');
  const keyCount = shortest(reader);
  if (keyCount === 0) throw new Malformed('', 'has no key');
  return format === LEAF_PAGE_FORMAT
    ? readLeaf(page, keyCount, reader, bytes)
    : readBranch(page, keyCount, reader);
}

function readLeaf(page: number, keyCount: number, reader: Reader, data: Uint8Array): Leaf {
  const starts: number[] = [];
  let previous: ByteString | undefined;
  let bytes = 0;
  while (starts.length < keyCount) {
    starts.push(reader.position);
    const key = readKey(reader, previous);
    bytes += entryBytes(key.length, reader.raw(shortest(reader)).length);
    previous = key;
  }
  reader.end();
  return { leaf: true, page, entries: PackedEntries.of(data, starts), bytes };
}

function readBranch(page: number, keyCount: number, reader: Reader): Branch {
  const keys: ByteString[] = [];
  const children = [readChild(reader)];
  let bytes = 0;
  while (keys.length < keyCount) {
    const key = readKey(reader, keys.at(-1));
    keys.push(key);
    children.push(readChild(reader));
    bytes += keyBytes(key);
  }
  reader.end();
  return { leaf: false, page, keys, children, bytes };
}

function readKey(reader: Reader, previous: ByteString | undefined): ByteString {
  const data = reader.raw(shortest(reader));
  const key = byteStringOf(data, 0, data.length);
  if (previous !== undefined && key <= previous) throw new Malformed('', 'has keys out of order');
  return key;
}

function readChild(reader: Reader): number {
  const child = shortest(reader);
  if (child === 0 || child >= PAGES_MAX) throw new Malformed('', `has no child on page ${child}`);
  return child;
}

/** An integer that is written no longer than it must be: one value, one encoding. */
function shortest(reader: Reader): number {
  const { position } = reader;
  const value = reader.varint();
  const spare = reader.position - position - 1;
  if (spare > 0 && value < 2 ** (7 * spare))
    throw new Malformed('', 'has a length not written short');
  return value;
}
