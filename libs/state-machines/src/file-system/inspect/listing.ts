import type { ByteString } from '@lockstep/vr-core';
import type { Caller, FileTree } from '../model/file-tree';
import type { DirectoryEntry } from '../model/directory';
import type { Inode } from '../model/inode';
import { READ, refuseAccess, SEARCH } from '../resolve/permission';
import { Refusal } from '../model/refusal';

export interface ListingArguments {
  /** The name the page starts after; it need not exist any more. */
  readonly after: ByteString | undefined;
  /** 1 to `LISTING_MAX` entries. */
  readonly limit: number;
  /** With the inode of each entry. */
  readonly plus: boolean;
}

export interface ListedEntry extends DirectoryEntry {
  readonly inode: Inode | undefined;
}

export interface Listing {
  readonly entries: readonly ListedEntry[];
  /** `after` of the next page; undefined when this was the last. */
  readonly next: ByteString | undefined;
}

/**
 * POSIX `readdir` in pages, bytewise by name, without `.` and `..`. An entry that stays is in exactly one page; one that
 * is made, removed or renamed between pages is listed as the page that reaches its name finds it. To see what
 * the entries are, not only that they are, one must be able to search the directory.
 */
export function readdir(
  tree: FileTree,
  caller: Caller,
  directory: Inode,
  args: ListingArguments,
): Listing | Refusal {
  if (!directory.isDirectory) return new Refusal('ENOTDIR');
  // What was taken away while somebody has it open is empty, and no place to look. (iterate_dir of Linux)
  if (directory.nlink === 0) return new Refusal('ENOENT', undefined, 'detached');
  const refusal = refuseAccess(tree, caller, directory, args.plus ? READ + SEARCH : READ);
  if (refusal !== undefined) return refusal;
  const entries: ListedEntry[] = [];
  for (const entry of tree.names.list(directory.ino, args.after)) {
    if (entries.length === args.limit) return { entries, next: entries.at(-1)?.name };
    entries.push({ ...entry, inode: args.plus ? tree.inodes.get(entry.ino) : undefined });
  }
  return { entries, next: undefined };
}
