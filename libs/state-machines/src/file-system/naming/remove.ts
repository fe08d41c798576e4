import type { ByteString } from '@lockstep/vr-core';
import type { Call, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { resolvePlace, type LastComponent } from '../resolve/path';
import { refuseRemoval } from '../resolve/permission';
import { refuseByFlags, refuseReadOnly } from '../status/flags';
import { Refusal } from '../model/refusal';
import { removeName } from './names';

/** POSIX `unlink`: takes away one name of anything but a directory. The last component is not followed. */
export function unlink(tree: FileTree, call: Call, path: ByteString): Refusal | undefined {
  const ofDirectory = tree.volume.flavour === 'freebsd' ? 'EPERM' : 'EISDIR';
  const found = resolveEntry(tree, call, path, ofDirectory);
  if (found instanceof Refusal) return found;
  const { directory, last, victim } = found;
  if (last.slash) return new Refusal(victim.isDirectory ? ofDirectory : 'ENOTDIR', last.name);
  const refusal =
    refuseRemoval(tree, call.caller, directory, victim, last.name) ??
    refuseByFlags(directory, victim, last.name);
  if (refusal !== undefined) return refusal;
  if (victim.isDirectory) return new Refusal(ofDirectory, last.name);
  removeName(tree, call, { directory, name: last.name }, victim);
  return undefined;
}

/** POSIX `rmdir`. */
export function rmdir(tree: FileTree, call: Call, path: ByteString): Refusal | undefined {
  const found = resolveEntry(tree, call, path, NAMELESS_DIRECTORY);
  if (found instanceof Refusal) return found;
  const { directory, last, victim } = found;
  const flagged = refuseByFlags(directory, victim, last.name);
  const refusal =
    refuseRemoval(tree, call.caller, directory, victim, last.name) ??
    // Linux asks the flags before it looks inside, FreeBSD after.
    (tree.volume.flavour === 'linux' ? flagged : undefined) ??
    refuseDirectory(victim, last.name) ??
    flagged;
  if (refusal !== undefined) return refusal;
  removeName(tree, call, { directory, name: last.name }, victim);
  return undefined;
}

function refuseDirectory(victim: Inode, name: ByteString): Refusal | undefined {
  if (!victim.isDirectory) return new Refusal('ENOTDIR', name);
  return victim.size !== 0 ? new Refusal('ENOTEMPTY', name) : undefined;
}

/** What rmdir says of a directory that the path gives no name for: `.` may not, `..` is not empty, `/` is in use. */
export const NAMELESS_DIRECTORY = { dot: 'EINVAL', 'dot-dot': 'ENOTEMPTY', root: 'EBUSY' } as const;

interface FoundEntry {
  readonly directory: Inode;
  readonly last: LastComponent;
  readonly victim: Inode;
}

/** The entry at the end of a path, which is not followed. */
export function resolveEntry(
  tree: FileTree,
  call: Call,
  path: ByteString,
  nameless: 'EISDIR' | 'EPERM' | typeof NAMELESS_DIRECTORY,
): FoundEntry | Refusal {
  const place = resolvePlace(tree, call.caller, path);
  if (place instanceof Refusal) return place;
  const { directory, last, walk } = place;
  if (last.kind !== 'name')
    return new Refusal(typeof nameless === 'string' ? nameless : nameless[last.kind], last.name);
  const refusal = refuseReadOnly(tree, last.name);
  if (refusal !== undefined) return refusal;
  const victim = walk.entry(directory, last.name) ?? new Refusal('ENOENT', last.name);
  return victim instanceof Refusal ? victim : { directory, last, victim };
}
