import type { ByteString } from '@lockstep/vr-core';
import type { Call, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { resolvePlace, type LastComponent } from '../resolve/path';
import { refuseRemoval } from '../resolve/permission';
import { Refusal } from '../model/refusal';
import { removeName } from './names';

/** POSIX `unlink`: takes away one name of anything but a directory. The last component is not followed. */
export function unlink(tree: FileTree, call: Call, path: ByteString): Refusal | undefined {
  const found = resolveEntry(tree, call, path, 'EISDIR');
  if (found instanceof Refusal) return found;
  const { directory, last, victim } = found;
  if (last.slash) return new Refusal(victim.isDirectory ? 'EISDIR' : 'ENOTDIR', last.name);
  const refusal = refuseRemoval(tree, call.caller, directory, victim, last.name);
  if (refusal !== undefined) return refusal;
  if (victim.isDirectory) return new Refusal('EISDIR', last.name);
  removeName(tree, call, { directory, name: last.name }, victim);
  return undefined;
}

/** POSIX `rmdir`. */
export function rmdir(tree: FileTree, call: Call, path: ByteString): Refusal | undefined {
  const found = resolveEntry(tree, call, path, NAMELESS_DIRECTORY);
  if (found instanceof Refusal) return found;
  const { directory, last, victim } = found;
  const refusal = refuseRemoval(tree, call.caller, directory, victim, last.name);
  if (refusal !== undefined) return refusal;
  if (!victim.isDirectory) return new Refusal('ENOTDIR', last.name);
  if (victim.size !== 0) return new Refusal('ENOTEMPTY', last.name);
  removeName(tree, call, { directory, name: last.name }, victim);
  return undefined;
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
  nameless: 'EISDIR' | typeof NAMELESS_DIRECTORY,
): FoundEntry | Refusal {
  const place = resolvePlace(tree, call.caller, path);
  if (place instanceof Refusal) return place;
  const { directory, last, walk } = place;
  if (last.kind !== 'name')
    return new Refusal(nameless === 'EISDIR' ? nameless : nameless[last.kind], last.name);
  const victim = walk.entry(directory, last.name) ?? new Refusal('ENOENT', last.name);
  return victim instanceof Refusal ? victim : { directory, last, victim };
}
