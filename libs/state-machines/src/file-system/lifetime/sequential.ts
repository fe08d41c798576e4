import type { ByteString } from '@lockstep/vr-core';
import { KIND } from '../model/extra-table';
import type { Call, FileTree } from '../model/file-tree';
import { getU64, putU64 } from '../model/fixed-width';
import type { Inode } from '../model/inode';
import type { Ino } from '../model/inode-type';
import { Refusal } from '../model/refusal';
import { resolvePlace } from '../resolve/path';
import type { FileResult } from '../wire/outcomes';

const DIGITS = 10;
const COUNTER_BYTES = 8;

/**
 * Makes something under a name that is completed here, by the next number of its directory, which counts for ever and for
 * all names in it: what is made later sorts later among names that begin alike. A name that somebody has made by hand is
 * passed over. (ZooKeeper's sequential nodes; files.md A4)
 */
export function inSequence(
  tree: FileTree,
  call: Call,
  path: ByteString,
  make: (path: ByteString) => Inode | Refusal,
): FileResult | Refusal {
  const found = resolvePlace(tree, call.caller, path);
  if (found instanceof Refusal) return found;
  const { directory, last } = found;
  if (last.kind !== 'name') return new Refusal('EEXIST', last.name);
  const number = nextFree(tree, directory.ino, last.name);
  const name = completed(last.name, number);
  const made = make(completed(withoutSlashes(path), number, last.slash));
  if (made instanceof Refusal) return made;
  const after = new Uint8Array(COUNTER_BYTES);
  putU64(after, 0, number + 1);
  tree.extra.put(directory.ino, KIND.sequence, after);
  return { kind: 'created', name, attributes: made };
}

function nextFree(tree: FileTree, directory: Ino, prefix: ByteString): number {
  const next = tree.extra.get(directory, KIND.sequence);
  let number = next === undefined ? 0 : getU64(next, 0);
  while (tree.names.find(directory, completed(prefix, number)) !== undefined) number += 1;
  return number;
}

function completed(prefix: ByteString, number: number, slash = false): ByteString {
  return `${prefix}${`${number}`.padStart(DIGITS, '0')}${slash ? '/' : ''}` as ByteString;
}

function withoutSlashes(path: ByteString): ByteString {
  let end = path.length;
  while (path.charCodeAt(end - 1) === 0x2f) end -= 1;
  return path.slice(0, end) as ByteString;
}
