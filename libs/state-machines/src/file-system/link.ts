import type { ByteString } from '@lockstep/vr-core';
import { resolveFree } from './create';
import type { Call, FileTree } from './file-tree';
import type { Inode } from './inode';
import { LINK_MAX } from './limits';
import { resolve } from './path';
import { Refusal } from './refusal';

/**
 * POSIX `link`: one more name for an inode that is no directory. A symbolic link is linked itself, unless `follow`.
 * Whoever can see a file may link it: the restriction that `fs.protected_hardlinks` adds on many Linux systems is no
 * rule of POSIX and not ours.
 */
export function link(
  tree: FileTree,
  call: Call,
  paths: { readonly from: ByteString; readonly to: ByteString; readonly follow: boolean },
): Inode | Refusal {
  const source = resolve(tree, call.caller, paths.from, paths.follow);
  if (source instanceof Refusal) return source;
  const place = resolveFree(tree, call, paths.to);
  if (place instanceof Refusal) return place;
  if (source.isDirectory) return new Refusal('EPERM', place.name);
  if (source.nlink >= LINK_MAX) return new Refusal('EMLINK', place.name);
  const linked = tree.inodes.change(source, {
    nlink: source.nlink + 1,
    parent: 0,
    ctime: call.now,
    metaGen: source.metaGen + 1,
    changedOp: call.opNumber,
  });
  tree.names.put(place.directory.ino, place.name, linked);
  tree.entriesChanged(place.directory, call, { entries: 1, directories: 0 });
  return linked;
}
