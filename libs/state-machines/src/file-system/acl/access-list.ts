import type { Kind } from '../model/extra-table';
import { getU32, putU32 } from '../model/fixed-width';
import type { FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { Acl, AclEntry } from '../wire/operations';

/** In the order in which entries are kept and told; those of one tag by their ids. (acl(5)) */
const TAGS = ['user-obj', 'user', 'group-obj', 'group', 'mask', 'other'] as const;

const ENTRY_BYTES = 6; // tag 1, id 4, permission 1

/**
 * The permission of three entries is in the mode: of the owner, of the others, and, in the bits of the group, of the mask,
 * or of the group where there is no mask. So the access list of an inode is kept without them, and whatever changes the
 * mode changes the list. (POSIX.1e draft 17, 23.1.2; posix_acl_chmod of Linux)
 */
export function beyondMode(list: Acl): Acl {
  return list.filter(({ tag }) => tag !== 'user-obj' && tag !== 'mask' && tag !== 'other');
}

/** The whole access list of an inode that has one: what is kept, and what is in its mode. */
export function wholeList({ mode }: Inode, kept: Acl): Acl {
  const owner: AclEntry = { tag: 'user-obj', id: 0, perm: (mode >> 6) & 7 };
  const mask: AclEntry = { tag: 'mask', id: 0, perm: (mode >> 3) & 7 };
  const other: AclEntry = { tag: 'other', id: 0, perm: mode & 7 };
  return [owner, ...kept, mask, other];
}

/** The list that says the same as a mode. */
export function minimalList({ mode }: Inode): Acl {
  return TAGS_OF_MODE.map((tag, at) => ({ tag, id: 0, perm: (mode >> (6 - 3 * at)) & 7 }));
}

const TAGS_OF_MODE = ['user-obj', 'group-obj', 'other'] as const;

/** True when a mode can say the same. (posix_acl_equiv_mode of Linux) */
export function isMinimal(list: Acl): boolean {
  return list.every(({ tag }) => tag === 'user-obj' || tag === 'group-obj' || tag === 'other');
}

/** The nine bits that a list says. */
export function bitsOf(list: Acl): number {
  const permOf = (tag: AclEntry['tag']): number | undefined =>
    list.find((entry) => entry.tag === tag)?.perm;
  const group = permOf('mask') ?? permOf('group-obj') ?? 0;
  return ((permOf('user-obj') ?? 0) << 6) | (group << 3) | (permOf('other') ?? 0);
}

/** The list in the order in which it is kept; ids of entries that name nobody are 0. */
export function inOrder(list: Acl): Acl {
  return list
    .map((entry) => (isNamed(entry) ? entry : { ...entry, id: 0 }))
    .sort((a, b) => TAGS.indexOf(a.tag) - TAGS.indexOf(b.tag) || a.id - b.id);
}

/**
 * One entry each for the owner, the group and the others, a mask where users or groups are named, and nobody named
 * twice. (posix_acl_valid of Linux; acl_valid(3))
 */
export function isValid(list: Acl): boolean {
  const countOf = (wanted: AclEntry['tag']): number =>
    list.filter(({ tag }) => tag === wanted).length;
  if (TAGS_OF_MODE.some((tag) => countOf(tag) !== 1)) return false;
  const masks = countOf('mask');
  if (masks > 1 || (masks === 0 && list.some(isNamed))) return false;
  const ordered = inOrder(list);
  return ordered.every(({ tag, id }, at) => {
    const before = ordered[at - 1];
    return before?.tag !== tag || before.id !== id;
  });
}

export function readList(tree: FileTree, { ino }: Inode, kind: Kind): Acl {
  const bytes = tree.extra.get(ino, kind);
  if (bytes === undefined) throw new Error(`inode ${ino} has a list that is not there`);
  return Array.from({ length: bytes.length / ENTRY_BYTES }, (_, entry) => {
    const at = entry * ENTRY_BYTES;
    const tag = TAGS[bytes[at] as number] as AclEntry['tag'];
    return { tag, id: getU32(bytes, at + 1), perm: bytes[at + 5] as number };
  });
}

export function writeList(tree: FileTree, { ino }: Inode, kind: Kind, list: Acl): void {
  const bytes = new Uint8Array(list.length * ENTRY_BYTES);
  for (const [entry, { tag, id, perm }] of list.entries()) {
    const at = entry * ENTRY_BYTES;
    bytes[at] = TAGS.indexOf(tag);
    putU32(bytes, at + 1, id);
    bytes[at + 5] = perm;
  }
  tree.extra.put(ino, kind, bytes);
}

const isNamed = ({ tag }: AclEntry): boolean => tag === 'user' || tag === 'group';
