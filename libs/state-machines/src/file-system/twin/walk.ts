import type { ByteString } from '@lockstep/vr-core';
import { DirectoryTable } from '../model/directory';
import { NO_USAGE, weightOf } from '../model/file-tree';
import { ROOT_INO, type Inode, type Usage } from '../model/inode';
import { InodeTable } from '../model/inode-table';
import type { FileTables } from '../model/tables';
import { spaceOf } from '../model/space';
import { MAIN_VOLUME, UNTOUCHED_MAIN } from '../model/volume';
import { findVolume } from '../volumes/find-volume';

/** Walks over the tree, the trash and what is not purged yet, and compares each record with what is there. */
export function walk(files: { readonly tables: FileTables }): Walk {
  return new Walk(files.tables);
}

/** What a walk over everything that is kept has found. */
class Walk {
  /** Every inode that was reached, by number. */
  readonly inodes = new Map<number, Inode>();
  /** Paths from the root of the main volume to all directories, the root first as `''`, and to everything else. */
  readonly directories: string[] = [];
  readonly files: string[] = [];
  /** Whatever a record does not tell as it is, in words. */
  readonly lies: string[] = [];
  private readonly tables: FileTables;
  private readonly table: InodeTable;
  private readonly names: DirectoryTable;
  /** By number, how many names an inode has. */
  private readonly count = new Map<number, number>();

  constructor(tables: FileTables) {
    this.tables = tables;
    this.table = new InodeTable(tables);
    this.names = new DirectoryTable(tables);
    this.visit(this.table.get(ROOT_INO), { isKept: true, path: '' });
    this.visitTrash();
    this.visitPurges();
    this.compareFiles();
    this.visitOpen();
    const isRootWritten = tables.inodes.get(ROOT_INO) !== undefined;
    this.compareSpace();
    this.compare('inodes', tables.inodes.size, this.inodes.size - (isRootWritten ? 0 : 1));
  }

  /** Gives what is below. Of what is being purged only the names are true. */
  private visit(directory: Inode, at: { readonly isKept: boolean; readonly path?: string }): Usage {
    const { ino } = directory;
    this.inodes.set(ino, directory);
    if (at.path !== undefined) this.directories.push(at.path);
    let sum = NO_USAGE;
    let [entries, subdirectories] = [0, 0];
    for (const { ino: child, name } of this.names.list(ino)) {
      entries += 1;
      const inode = this.table.get(child);
      const path = at.path === undefined ? {} : { path: `${at.path}/${name}` };
      this.compare(`parent of ${child}`, inode.parent, inode.has('links') ? 0 : ino);
      if (inode.isDirectory) {
        subdirectories += 1;
        this.compare(`own name of ${child}`, this.names.ownName(child), name);
        this.compare(`${child} is in one directory`, this.inodes.has(child), false);
        sum = plus(sum, this.visit(inode, { isKept: at.isKept, ...path }), ONE_DIRECTORY);
      } else {
        if (path.path !== undefined) this.files.push(path.path);
        sum = plus(sum, weightOf(inode));
      }
      this.inodes.set(child, inode);
      this.count.set(child, (this.count.get(child) ?? 0) + 1);
    }
    if (at.isKept)
      this.compare(
        `usage, entries, links of ${ino}`,
        [directory.usage, directory.size, directory.nlink],
        [sum, entries, 2 + subdirectories],
      );
    return sum;
  }

  private visitTrash(): void {
    const trash = findVolume(this.tables, MAIN_VOLUME)?.trash ?? 0;
    if (trash !== 0) this.visit(this.table.get(trash), { isKept: true });
    const entries = trash === 0 ? 0 : this.table.get(trash).size;
    this.compare('entries of the trash', this.tables.trash.size, entries);
  }

  private visitPurges(): void {
    for (const [, purge] of this.tables.purges.in('' as ByteString)) {
      const { files, directories } = this.visit(this.table.get(purge.root), { isKept: false });
      this.compare(`left of ${purge.root}`, purge.names, files + directories + 1);
    }
  }

  /** What somebody has open, and no directory any more. */
  private visitOpen(): void {
    for (const [, { ino }] of this.tables.handles.in('' as ByteString)) {
      const inode = this.table.get(ino);
      this.compare(`${ino} is open`, inode.has('open'), true);
      if (this.inodes.has(ino)) continue;
      this.compare(`names of ${ino}`, inode.nlink, 0);
      if (inode.isDirectory)
        this.compare(`${ino} is empty`, [inode.size, inode.usage], [0, NO_USAGE]);
      this.inodes.set(ino, inode);
    }
  }

  private compareFiles(): void {
    for (const [ino, inode] of this.inodes)
      if (!inode.isDirectory)
        this.compare(
          `names of ${ino}`,
          [inode.nlink, inode.has('links')],
          [this.count.get(ino), inode.nlink > 1],
        );
  }

  private compareSpace(): void {
    const all = [...this.inodes.values()];
    const bytes = all.reduce((sum, { type, size }) => sum + (type === 'file' ? size : 0), 0);
    const held = spaceOf(this.tables.space, UNTOUCHED_MAIN.id);
    this.compare('space', held, { inodes: all.length, bytes });
  }

  private compare(what: string, told: unknown, is: unknown): void {
    const [toldText, isText] = [JSON.stringify(told), JSON.stringify(is)];
    if (toldText !== isText) this.lies.push(`${what}: ${toldText}, and it is ${isText}`);
  }
}

export type Walked = Pick<Walk, 'inodes' | 'directories' | 'files' | 'lies'>;

const ONE_DIRECTORY: Usage = { files: 0, directories: 1, bytes: 0 };

const plus = (...usages: readonly Usage[]): Usage =>
  usages.reduce((sum, more) => ({
    files: sum.files + more.files,
    directories: sum.directories + more.directories,
    bytes: sum.bytes + more.bytes,
  }));
