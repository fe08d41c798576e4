import { textOf, type Question } from '../history/history';
import {
  hasChildren,
  moved,
  nodeAt,
  parentFault,
  withChanged,
  withEntry,
  withNode,
  withoutEntry,
  type Tree,
} from './tree';

/** What a change does to a tree, or every errno that POSIX lets it be refused with there. */
export type Change =
  | { readonly ok: true; readonly tree: Tree; readonly path: string | undefined }
  | { readonly ok: false; readonly codes: readonly string[] };

const refused = (...codes: readonly (string | false | undefined)[]): Change | undefined => {
  const given = codes.filter((code): code is string => typeof code === 'string');
  return given.length === 0 ? undefined : { ok: false, codes: given };
};

const done = (tree: Tree, path?: string): Change => ({ ok: true, tree, path });

/** By the pages of POSIX.1-2017 for open, mkdir, unlink, rmdir, rename, link, chmod. */
export function change(tree: Tree, question: Question): Change {
  const path = textOf(question['path'] ?? question['from']);
  const to = textOf(question['to']);
  switch (question.kind) {
    case 'create':
    case 'mkdir':
      return make(tree, path, question);
    case 'unlink':
      return unlink(tree, path);
    case 'rmdir':
      return rmdir(tree, path);
    case 'rename':
      return rename(tree, path, to);
    case 'link':
      return link(tree, path, to);
    case 'chmod':
      return chmod(tree, path, Number(question['mode']));
    default:
      throw new RangeError(`no such change: ${question.kind}`);
  }
}

function make(tree: Tree, path: string, { kind, mode }: Question): Change {
  const exists = nodeAt(tree, path) !== undefined;
  const fault = refused(parentFault(tree, path), exists && 'EEXIST');
  if (fault !== undefined) return fault;
  const type = kind === 'mkdir' ? 'dir' : 'file';
  return done(withNode(tree, path, { ino: '?', type, mode: Number(mode) }), path);
}

function unlink(tree: Tree, path: string): Change {
  const node = nodeAt(tree, path);
  const fault =
    refused(parentFault(tree, path)) ??
    refused(node === undefined && 'ENOENT') ??
    refused(...(node?.type === 'dir' ? ['EISDIR', 'EPERM'] : []));
  return fault ?? done(withoutEntry(tree, path));
}

function rmdir(tree: Tree, path: string): Change {
  const node = nodeAt(tree, path);
  const fault =
    refused(parentFault(tree, path)) ??
    refused(node === undefined && 'ENOENT') ??
    refused(node?.type !== 'dir' && 'ENOTDIR') ??
    refused(hasChildren(tree, path) && 'ENOTEMPTY');
  return fault ?? done(withoutEntry(tree, path));
}

function rename(tree: Tree, from: string, to: string): Change {
  const [source, target] = [nodeAt(tree, from), nodeAt(tree, to)];
  const fault = refused(
    parentFault(tree, from),
    parentFault(tree, to),
    source === undefined && 'ENOENT',
    // Into itself, or onto one of its parents.
    source?.type === 'dir' && to.startsWith(`${from}/`) && 'EINVAL',
    source?.type === 'dir' && target?.type === 'file' && 'ENOTDIR',
    source?.type === 'file' && target?.type === 'dir' && 'EISDIR',
    target?.type === 'dir' && source?.tag !== target.tag && hasChildren(tree, to) && 'ENOTEMPTY',
    target?.type === 'dir' && source?.tag !== target.tag && hasChildren(tree, to) && 'EEXIST',
  );
  if (fault !== undefined) return fault;
  return done(source?.tag === target?.tag ? tree : moved(tree, from, to));
}

function link(tree: Tree, from: string, to: string): Change {
  const [source, target] = [nodeAt(tree, from), nodeAt(tree, to)];
  const fault = refused(
    parentFault(tree, from),
    parentFault(tree, to),
    source === undefined && 'ENOENT',
    source?.type === 'dir' && 'EPERM',
    target !== undefined && 'EEXIST',
  );
  if (fault !== undefined || source === undefined) return fault ?? done(tree);
  return done(withEntry(tree, to, source), to);
}

function chmod(tree: Tree, path: string, mode: number): Change {
  const node = nodeAt(tree, path);
  const fault = refused(parentFault(tree, path)) ?? refused(node === undefined && 'ENOENT');
  if (fault !== undefined || node === undefined) return fault ?? done(tree);
  return done(withChanged(tree, { ...node, mode }), path);
}
