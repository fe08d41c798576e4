import { Malformed } from '../encoding/malformed';
import type { TableRoot } from './merkle-block';
import type { MerkleTree, MerkleUpdate } from './merkle-tree';
import type { PagedTable } from './paged-table';

/** A table of the store with the hashes of its pages as they were in the last snapshot that was closed. */
export interface StoredTable {
  /** `owner/name` */
  readonly name: string;
  readonly table: PagedTable;
  readonly tree: MerkleTree;
}

/** The tables in the order of the directory. */
export function byName(tables: ReadonlyMap<string, StoredTable>): readonly StoredTable[] {
  return [...tables.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The line of the directory for a table, as it is after `update`. */
export function tableRoot({ name, table }: StoredTable, update: MerkleUpdate): TableRoot {
  const { kind, recordBytes } = table;
  return { name, kind, recordBytes, pageCount: update.pageCount, root: update.root };
}

/** What is no page of a table, or no whole table, is said with the table's name. */
export function inTable<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (fault) {
    throw fault instanceof Malformed ? fault.within(name) : fault;
  }
}
