import type { ByteString } from '@lockstep/vr-core';
import { resolveFree } from './create';
import { refuseGrowth } from '../accounting/growth';
import { nameAgain } from './names';
import { weightOf, type Call, type FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { LINK_MAX } from '../model/limits';
import { resolve } from '../resolve/path';
import { Refusal } from '../model/refusal';
import { refuseLinking } from '../status/flags';

/**
 * POSIX `link`: one more name for an inode that is no directory. A symbolic link is linked itself, unless `follow`: FreeBSD
 * follows always.
 * Whoever can see a file may link it: the restriction that `fs.protected_hardlinks` adds on many Linux systems is no
 * rule of POSIX and not ours.
 */
export function link(
  tree: FileTree,
  call: Call,
  paths: { readonly from: ByteString; readonly to: ByteString; readonly follow: boolean },
): Inode | Refusal {
  const follow = paths.follow || tree.volume.flavour === 'freebsd';
  const found = resolve(tree, call.caller, paths.from, follow);
  if (found instanceof Refusal) return found;
  const place = resolveFree(tree, call, paths.to);
  if (place instanceof Refusal) return place;
  const { inode: source, place: first } = found;
  const flagged = refuseLinking(source, place.name);
  if (flagged !== undefined) return flagged;
  if (source.isDirectory || first === undefined) return new Refusal('EPERM', place.name);
  // What goes with a session has one name, so that nobody else counts on another.
  if (source.has('ephemeral')) return new Refusal('EPERM', place.name, 'ephemeral');
  if (source.nlink >= LINK_MAX) return new Refusal('EMLINK', place.name);
  const refusal = refuseGrowth(tree, place.directory, weightOf(source));
  return refusal ?? nameAgain(tree, call, place, source, first);
}
