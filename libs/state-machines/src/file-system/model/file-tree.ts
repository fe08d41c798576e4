import type { ApplyContext, ByteString, Session } from '@lockstep/vr-core';
import type { Volume } from './volume';
import { DirectoryTable } from './directory';
import { ExtraTable } from './extra-table';
import { type Inode, type Usage } from './inode';
import { type Ino } from './inode-type';
import { InodeTable } from './inode-table';
import type { FileTables } from './tables';
import type { FileTime } from './time';

/** Who asks, as a process of POSIX would be asked: part of every operation, never of the server. */
export interface Caller {
  readonly uid: number;
  /** At least one; the first is the effective group. */
  readonly gids: readonly number[];
  readonly umask: number;
  /** The working directory: it is found again under its new name when it was renamed. */
  readonly cwd: Ino;
  /** Paths from the root that he and all he does stay at or under; undefined: he may go anywhere. */
  readonly within?: readonly ByteString[] | undefined;
}

/** One operation under way: who asks, the stamps of its log entry, and what the core does for it. */
export interface Call {
  readonly caller: Caller;
  /** File time: data, nothing branches on it. (decision 4) */
  readonly now: FileTime;
  readonly opNumber: number;
  /** The session that the request says it is for, or that named it. */
  readonly session: Session | undefined;
  readonly context: ApplyContext;
  /** Handles that earlier operations of the same request have opened, by the operation's place. */
  readonly opened: Map<number, number>;
}

/** What a change of names does to a directory. */
export interface EntriesChange {
  /** Entries more or fewer. */
  readonly entries: number;
  /** Subdirectories more or fewer: each has a `..` that links to the directory. */
  readonly directories: number;
}

/** One volume, as one request sees it: its tables, and the bookkeeping that every change of names shares. */
export class FileTree {
  readonly tables: FileTables;
  /** As the operations before have left it. */
  volume: Volume;
  readonly inodes: InodeTable;
  readonly names: DirectoryTable;
  readonly extra: ExtraTable;

  /** `nowMs`: the cluster time of what is done through it; of no meaning for who only looks. */
  constructor(tables: FileTables, volume: Volume, nowMs?: number) {
    this.tables = tables;
    this.volume = volume;
    this.inodes = new InodeTable(tables, nowMs);
    this.names = new DirectoryTable(tables);
    this.extra = new ExtraTable(tables);
  }

  get root(): Inode {
    return this.inodes.get(this.volume.root);
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

  /**
   * Something came to a directory, or went: counted there and in every directory above. As many steps as it is deep.
   * (files.md N3)
   */
  count(directory: Inode, delta: Usage): void {
    let at = this.inodes.addUsage(directory, delta);
    while (at.parent !== at.ino) at = this.inodes.addUsage(this.inodes.get(at.parent), delta);
  }

  /** Directories from this one up to the root of the volume. */
  *upward(directory: Inode): Iterable<Inode> {
    let at = directory;
    for (;;) {
      yield at;
      if (at.parent === at.ino) return;
      at = this.inodes.get(at.parent);
    }
  }

  /** True when `ancestor` is the directory or one above it. As many steps as the directory is deep. */
  isWithin(directory: Inode, ancestor: Ino): boolean {
    for (const { ino } of this.upward(directory)) if (ino === ancestor) return true;
    return false;
  }

  /** False of what was taken away with a directory above it and is not purged yet. */
  isAttached(directory: Inode): boolean {
    return this.isWithin(directory, this.volume.root);
  }

  /** The path to a directory from the root of the volume, `''` of the root; undefined when none leads there. */
  pathTo(directory: Inode): ByteString | undefined {
    let path = '';
    let at = directory;
    while (at.parent !== at.ino) {
      const name = this.names.ownName(at.ino);
      if (name === undefined) return undefined;
      path = `/${name}${path}`;
      at = this.inodes.get(at.parent);
    }
    return at.ino === this.volume.root ? (path as ByteString) : undefined;
  }
}

/** What an inode counts for under a name of its. */
export function weightOf(inode: Inode): Usage {
  if (!inode.isDirectory)
    return { files: 1, directories: 0, bytes: inode.type === 'file' ? inode.size : 0 };
  const { files, directories, bytes } = inode.usage;
  return { files, directories: directories + 1, bytes };
}

export const NO_USAGE: Usage = { files: 0, directories: 0, bytes: 0 };

export const differenceOf = (more: Usage, less: Usage): Usage => ({
  files: more.files - less.files,
  directories: more.directories - less.directories,
  bytes: more.bytes - less.bytes,
});

export const lessOf = ({ files, directories, bytes }: Usage): Usage => ({
  files: -files,
  directories: -directories,
  bytes: -bytes,
});
