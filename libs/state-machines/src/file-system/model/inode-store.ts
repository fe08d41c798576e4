import { DirectoryTable } from './directory';
import { ExtraTable } from './extra-table';
import type { FileTree } from './file-tree';
import { InodeTable } from './inode-table';
import type { FileTables } from './tables';

/** What is known of inodes, whatever volume they belong to, and whether or not it is still there. */
export type InodeStore = Pick<FileTree, 'tables' | 'inodes' | 'names' | 'extra'>;

export const storeOf = (tables: FileTables): InodeStore => ({
  tables,
  inodes: new InodeTable(tables),
  names: new DirectoryTable(tables),
  extra: new ExtraTable(tables),
});
