import type { ByteString } from '@lockstep/vr-core';
import type { Caller, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { Refusal } from '../model/refusal';

/** What the access list of an inode says, where it has one beyond its mode. (POSIX.1e draft 17, 23.1.5) */
export function refuseByAcl(
  _tree: FileTree,
  _caller: Caller,
  inode: Inode,
  _wanted: number,
  _component?: ByteString,
): Refusal | undefined {
  throw new Error(`inode ${inode.ino} has an access list, and nothing here reads it yet`);
}
