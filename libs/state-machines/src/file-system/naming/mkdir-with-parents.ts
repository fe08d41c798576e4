import type { ByteString } from '@lockstep/vr-core';
import type { Call, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { Refusal } from '../model/refusal';
import { resolveOnTheWay, Walk } from '../resolve/path';
import { mkdir } from './create';

/** What the owner needs of a directory to go on in it: the umask does not take it from those on the way. */
const OWNER_GOES_ON = 0o300;

/**
 * `mkdir -p` in one step: makes what is missing, and is content with directories that are there, also behind links. Those
 * on the way are made with all that the umask leaves, and so that their owner can go on in them. What is no directory is
 * ENOTDIR on the way and EEXIST at the end. (POSIX `mkdir`, option -p)
 */
export function mkdirWithParents(
  tree: FileTree,
  call: Call,
  path: ByteString,
  mode: number,
): Inode | Refusal {
  const start = Walk.start(tree, call.caller, path);
  if (start instanceof Refusal) return start;
  const isAbsolute = path.startsWith('/');
  const names = path.split('/').filter((name) => name !== '') as ByteString[];
  const first = resolveOnTheWay(tree, call.caller, isAbsolute ? ROOT : HERE);
  if (first instanceof Refusal) return first;
  let at = first.inode;
  for (const [depth, name] of names.entries()) {
    const isLast = depth === names.length - 1;
    const next = step(tree, callIn(call, at, isLast), name, isLast ? mode : 0o777);
    if (next instanceof Refusal) return next;
    if (!next.isDirectory) return new Refusal(isLast ? 'EEXIST' : 'ENOTDIR', name);
    at = next;
  }
  return at;
}

const ROOT = '/' as ByteString;
const HERE = '.' as ByteString;

/** What a name leads to in the directory where the caller is, made when there is nothing. */
function step(tree: FileTree, call: Call, name: ByteString, mode: number): Inode | Refusal {
  const found = resolveOnTheWay(tree, call.caller, name);
  if (!(found instanceof Refusal)) return found.inode;
  return found.code === 'ENOENT' ? mkdir(tree, call, name, mode) : found;
}

function callIn(call: Call, { ino }: Inode, isLast: boolean): Call {
  const umask = isLast ? call.caller.umask : call.caller.umask & ~OWNER_GOES_ON;
  return { ...call, caller: { ...call.caller, umask, cwd: ino } };
}
