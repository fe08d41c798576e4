import type { ByteString } from '@lockstep/vr-core';
import type { Caller, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { Ino } from '../model/inode-type';
import { Refusal } from '../model/refusal';
import { directoriesOf } from '../naming/names';

/**
 * Where a directory is, for a caller who is confined to some tops: at or under one; above one, where he passes and learns of
 * no other name; or elsewhere, where he learns nothing.
 */
type Zone = 'within' | 'above' | 'outside';

/**
 * The tops that a caller is confined to, as inodes: found anew for every resolution, by plain names and no links, so that
 * no link, number, handle or working directory leads out of them. (decision 30; docs/security.md)
 */
export class Confinement {
  private readonly tree: FileTree;
  private readonly tops = new Set<Ino>();
  private readonly above = new Set<Ino>();

  private constructor(tree: FileTree, paths: readonly ByteString[]) {
    this.tree = tree;
    for (const path of paths) this.addTop(path);
  }

  /** Undefined for a caller who may go anywhere. */
  static of(tree: FileTree, { within }: Caller): Confinement | undefined {
    return within === undefined ? undefined : new Confinement(tree, within);
  }

  zoneOf(directory: Inode): Zone {
    for (const { ino } of this.tree.upward(directory)) if (this.tops.has(ino)) return 'within';
    return this.above.has(directory.ino) ? 'above' : 'outside';
  }

  /** Why a name may not be looked up in a directory, whether it is there or not. */
  refuseName(directory: Inode, name: ByteString): Refusal | undefined {
    const zone = this.zoneOf(directory);
    if (zone === 'within') return undefined;
    const ino = zone === 'above' ? this.tree.names.find(directory.ino, name) : undefined;
    const leadsOn = ino !== undefined && (this.tops.has(ino) || this.above.has(ino));
    return leadsOn ? undefined : outside(name);
  }

  /** Why something in a directory may not come, go or be named otherwise. */
  refusePlace(directory: Inode, name: ByteString): Refusal | undefined {
    return this.zoneOf(directory) === 'within' ? undefined : outside(name);
  }

  /** Why an inode, however it was found, is not to be touched. One without a name is open by who was let to it. */
  refuseInode(inode: Inode): Refusal | undefined {
    if (this.tops.has(inode.ino)) return undefined;
    if (inode.isDirectory) return this.zoneOf(inode) === 'within' ? undefined : outside();
    if (inode.nlink === 0) return undefined;
    for (const parent of directoriesOf(this.tree, inode))
      if (this.zoneOf(this.tree.inodes.get(parent)) === 'within') return undefined;
    return outside();
  }

  /** What of the names of an inode is his to know. */
  knows(directory: Inode, inode: Inode): boolean {
    return this.tops.has(inode.ino) || this.zoneOf(directory) === 'within';
  }

  private addTop(path: ByteString): void {
    const { root, names } = this.tree;
    let at = root.ino;
    for (const name of path.split('/').filter((part) => part !== '') as ByteString[]) {
      this.above.add(at);
      const next = names.find(at, name);
      if (next === undefined) return;
      at = next;
    }
    this.tops.add(at);
  }
}

const outside = (name?: ByteString): Refusal => new Refusal('EACCES', name, 'outside');
