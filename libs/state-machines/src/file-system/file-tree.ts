import type { Tables } from '@lockstep/vr-core';
import { DirectoryTable } from './directory';
import { ExtraTable } from './extra-table';
import { ROOT_INO, type Inode } from './inode';
import { type Ino } from './inode-type';
import { InodeTable } from './inode-table';
import type { FileTime } from './time';

/** Who asks, as a process of POSIX would be asked: part of every operation, never of the server. */
export interface Caller {
  readonly uid: number;
  /** At least one; the first is the effective group. */
  readonly gids: readonly number[];
  readonly umask: number;
  /** The working directory: it is found again under its new name when it was renamed. */
  readonly cwd: Ino;
}

/** One operation under way: who asks, and the stamps of its log entry. */
export interface Call {
  readonly caller: Caller;
  readonly now: FileTime;
  readonly opNumber: number;
}

/** What a change of names does to a directory. */
export interface EntriesChange {
  /** Entries more or fewer. */
  readonly entries: number;
  /** Subdirectories more or fewer: each has a `..` that links to the directory. */
  readonly directories: number;
}

/** The tables of one tree and the bookkeeping that every change of names shares. */
export class FileTree {
  readonly inodes: InodeTable;
  readonly names: DirectoryTable;
  readonly extra: ExtraTable;

  constructor(tables: Tables) {
    this.inodes = new InodeTable(tables);
    this.names = new DirectoryTable(tables);
    this.extra = new ExtraTable(tables);
  }

  get root(): Inode {
    return this.inodes.get(ROOT_INO);
  }

  /** The entries of a directory changed: mtime, ctime, size, links. */
  entriesChanged(directory: Inode, call: Call, change: EntriesChange): void {
    this.inodes.change(directory, {
      size: directory.size + change.entries,
      nlink: directory.nlink + change.directories,
      mtime: call.now,
      ctime: call.now,
      contentGen: directory.contentGen + 1,
      changedOp: call.opNumber,
    });
  }

  /** One name of the inode is gone; with the last, or of a directory, the inode goes too. */
  nameRemoved(inode: Inode, call: Call): void {
    if (inode.isDirectory || inode.nlink === 1) {
      this.extra.clear(inode.ino);
      this.inodes.free(inode.ino);
      return;
    }
    this.inodes.change(inode, {
      nlink: inode.nlink - 1,
      ctime: call.now,
      metaGen: inode.metaGen + 1,
      changedOp: call.opNumber,
    });
  }

  /** True when `ancestor` is the directory or one above it. As many steps as the directory is deep. */
  isWithin(directory: Inode, ancestor: Ino): boolean {
    let at = directory;
    while (at.ino !== ancestor) {
      if (at.ino === at.parent) return false;
      at = this.inodes.get(at.parent);
    }
    return true;
  }
}
