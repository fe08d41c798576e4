import type { InodeType, Operation } from '@lockstep/client';
import { join, pathOf, type BytePath } from './byte-path';

/** An inode of the expected tree. */
export interface Node {
  readonly type: InodeType;
  mode: number;
  readonly uid: number;
  gid: number;
  size: number;
  /** Undefined once an operation has set it to the group's time, which nobody else knows. */
  mtimeNs: bigint | undefined;
  /** Of a symbolic link. */
  readonly target?: BytePath;
  /** Of a directory. */
  readonly children?: Map<BytePath, Node>;
  /** Names that lead here, of what is no directory. */
  names: number;
}

const SETGID = 0o2000;
/** What Linux takes from the mode of a new directory. (mkdir(2)) */
const MKDIR_BITS = 0o1777;

/**
 * What the tree must be: the source, and on it every acknowledged operation in the order of the log. A few lines for
 * each operation, written from POSIX and sharing nothing with the service. An operation that the group says it did and
 * that could not be done here is told by its errno.
 */
export class ExpectedTree {
  readonly root = directory(0o755, 0, 0);

  /** Throws when a directory on the way is missing: the order is parents first. */
  put(path: BytePath, node: Node): void {
    const [parent, name] = this.#parentOf(path);
    if (parent?.children === undefined) throw new Error(`no directory for ${path}`);
    parent.children.set(name, node);
    node.names++;
  }

  at(path: BytePath): Node | undefined {
    let node: Node | undefined = this.root;
    for (const name of path.split('/')) {
      if (name !== '') node = node?.children?.get(name);
    }
    return node;
  }

  /** Undefined when it could be done, else why not. */
  apply(op: Operation): string | undefined {
    switch (op.kind) {
      case 'create':
      case 'mkdir':
      case 'symlink':
        return this.#make(op, pathOf(op, 'path'));
      case 'link':
        return this.#link(pathOf(op, 'from'), pathOf(op, 'to'));
      case 'rename':
        return this.#rename(pathOf(op, 'from'), pathOf(op, 'to'));
      case 'unlink':
      case 'rmdir':
        return this.#remove(op.kind, pathOf(op, 'path'));
      case 'chmod':
        return this.#chmod(pathOf(op, 'path'), Number(op['mode']));
      default:
        throw new Error(`the demo does no ${op.kind}`);
    }
  }

  /** Every path with its node, parents first. */
  *paths(): Generator<[BytePath, Node]> {
    const waiting: [BytePath, Node][] = [['/', this.root]];
    for (const [path, node] of waiting) {
      yield [path, node];
      for (const [name, child] of node.children ?? []) waiting.push([join(path, name), child]);
    }
  }

  #make(op: Operation, path: BytePath): string | undefined {
    const [parent, name] = this.#parentOf(path);
    if (parent?.children === undefined) return 'ENOENT';
    if (parent.children.has(name)) return 'EEXIST';
    const inherited = (parent.mode & SETGID) !== 0;
    const gid = inherited ? parent.gid : 0;
    const mode = Number(op['mode'] ?? 0o777);
    if (op.kind === 'mkdir') {
      this.#add(parent, name, directory((mode & MKDIR_BITS) | (inherited ? SETGID : 0), 0, gid));
    } else if (op.kind === 'symlink') {
      const target = pathOf(op, 'target');
      this.#add(parent, name, leaf('symlink', { mode: 0o777, gid, size: target.length, target }));
    } else {
      this.#add(parent, name, leaf('file', { mode, gid, size: 0 }));
    }
    return undefined;
  }

  #link(from: BytePath, to: BytePath): string | undefined {
    const node = this.at(from);
    const [parent, name] = this.#parentOf(to);
    if (node === undefined || parent?.children === undefined) return 'ENOENT';
    if (node.type === 'dir') return 'EPERM';
    if (parent.children.has(name)) return 'EEXIST';
    this.#add(parent, name, node);
    return undefined;
  }

  /** Only to names that are free: that is all the workers do. */
  #rename(from: BytePath, to: BytePath): string | undefined {
    const node = this.at(from);
    const [source, oldName] = this.#parentOf(from);
    const [target, newName] = this.#parentOf(to);
    if (node === undefined || target?.children === undefined) return 'ENOENT';
    if (`${to}/`.startsWith(`${from}/`)) return 'EINVAL';
    if (target.children.has(newName)) return 'EEXIST';
    this.#drop(source!, oldName);
    this.#add(target, newName, node);
    return undefined;
  }

  #remove(kind: 'unlink' | 'rmdir', path: BytePath): string | undefined {
    const node = this.at(path);
    const [parent, name] = this.#parentOf(path);
    if (node === undefined) return 'ENOENT';
    if (kind === 'unlink' && node.type === 'dir') return 'EISDIR';
    if (kind === 'rmdir' && node.children === undefined) return 'ENOTDIR';
    if (kind === 'rmdir' && node.children!.size > 0) return 'ENOTEMPTY';
    this.#drop(parent!, name);
    return undefined;
  }

  #chmod(path: BytePath, mode: number): string | undefined {
    const node = this.at(path);
    if (node === undefined) return 'ENOENT';
    node.mode = mode;
    return undefined;
  }

  #add(parent: Node, name: BytePath, node: Node): void {
    parent.children!.set(name, node);
    parent.mtimeNs = undefined;
    node.names++;
  }

  #drop(parent: Node, name: BytePath): void {
    parent.children!.get(name)!.names--;
    parent.children!.delete(name);
    parent.mtimeNs = undefined;
  }

  #parentOf(path: BytePath): [Node | undefined, BytePath] {
    const slash = path.lastIndexOf('/');
    return [this.at(path.slice(0, slash)), path.slice(slash + 1)];
  }
}

export const directory = (mode: number, uid: number, gid: number, mtimeNs?: bigint): Node => ({
  type: 'dir',
  mode,
  uid,
  gid,
  size: 0,
  mtimeNs,
  children: new Map(),
  names: 0,
});

export const leaf = (
  type: InodeType,
  fields: Pick<Node, 'mode' | 'gid' | 'size'> & Partial<Node>,
): Node => ({ type, uid: 0, mtimeNs: undefined, ...fields, names: 0 });
