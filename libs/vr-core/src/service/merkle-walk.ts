import type { ByteString } from '../encoding/byte-string';
import { Malformed } from '../encoding/malformed';
import type { HashFunction } from '../state/log-entry';
import {
  decodeDirectory,
  decodeInner,
  FAN_OUT,
  heightOf,
  NO_HASH,
  spanOf,
  type BlockAddress,
  type Differences,
  type NamedBlock,
  type TableRoot,
} from './merkle-block';
import { inTable, type StoredTable } from './stored-table';

type Tables = ReadonlyMap<string, StoredTable>;

const ALIKE: Differences = { wanted: [], gone: [] };

/**
 * One step of the walk down another replica's tree, past everything that is as in ours. (VRR §5.1, §5.2) Throws
 * `Malformed` when the bytes are not those of the block that was named.
 */
export function differencesOf(
  { address, hash }: NamedBlock,
  bytes: Uint8Array,
  tables: Tables,
  hashOf: HashFunction,
): Differences {
  const { table, level } = address;
  if (hashOf(bytes) !== hash)
    throw new Malformed(nameOf(address), 'is not the block that was named');
  if (table === undefined) return inDirectory(decodeDirectory(bytes), tables);
  if (level === 0) return ALIKE;
  const stored = tables.get(table);
  if (stored === undefined) throw new Malformed(table, 'is no table of ours');
  return inTable(nameOf(address), () => inInner(address, decodeInner(bytes), stored));
}

function inDirectory(theirs: readonly TableRoot[], tables: Tables): Differences {
  const names = new Set(theirs.map(({ name }) => name));
  for (const name of tables.keys())
    if (!names.has(name)) throw new Malformed(name, 'is a table of ours alone');
  return joined(theirs.map((root) => atRoot(root, tables.get(root.name))));
}

function atRoot(theirs: TableRoot, ours: StoredTable | undefined): Differences {
  const { name, kind, recordBytes, pageCount, root } = theirs;
  if (ours === undefined) throw new Malformed(name, 'is no table of ours');
  if (ours.table.kind !== kind || ours.table.recordBytes !== recordBytes)
    throw new Malformed(name, 'is a table of another kind');
  const level = heightOf(pageCount);
  const beyond = ours.tree.pagesFrom(spanOf(level));
  return joined([atBlock({ table: name, level, index: 0 }, root, ours), goneFrom(name, beyond)]);
}

function inInner(
  { level, index }: BlockAddress,
  hashes: readonly ByteString[],
  ours: StoredTable,
): Differences {
  const children = Array.from({ length: FAN_OUT }, (_, at) => {
    const address = { table: ours.name, level: level - 1, index: index * FAN_OUT + at };
    return atBlock(address, hashes[at] ?? NO_HASH, ours);
  });
  return joined(children);
}

function atBlock(
  address: BlockAddress & { readonly table: string },
  hash: ByteString,
  { tree }: StoredTable,
): Differences {
  const { table, level, index } = address;
  if (tree.hashAt(level, index) === hash) return ALIKE;
  if (hash === NO_HASH) return goneFrom(table, tree.pagesBelow(level, index));
  return { wanted: [{ address, hash }], gone: [] };
}

const goneFrom = (table: string, pages: readonly number[]): Differences => ({
  wanted: [],
  gone: pages.map((page) => ({ table, page })),
});

const joined = (parts: readonly Differences[]): Differences => ({
  wanted: parts.flatMap(({ wanted }) => wanted),
  gone: parts.flatMap(({ gone }) => gone),
});

const nameOf = ({ table, level, index }: BlockAddress): string =>
  table === undefined ? 'directory' : `${table} block ${level}.${index}`;
