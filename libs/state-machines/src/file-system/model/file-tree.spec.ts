import {
  type ApplyContext,
  createStateStore,
  fnvHash,
  type ByteString,
  type StateStore,
} from '@lockstep/vr-core';
import fc from 'fast-check';
import { execute } from '../execute';
import { directoriesOf } from '../naming/names';
import { findVolume } from '../volumes/find-volume';
import { MAIN_VOLUME, type Volume } from './volume';
import { FileTree, type Call } from './file-tree';
import type { Inode, Usage } from './inode';
import { fileTables } from './tables';
import { NaiveTree, type NaiveNode } from '../twin/naive-tree';
import type { FileOperation } from '../wire/operations';
import { bytesOf, PLAIN, PLAIN_DIRECTORY } from '../twin/solo-files';

/** A tree as lines: path, type, names of the inode or subdirectories, and which inode it is, by first appearance. */
type Picture = readonly string[];

const component = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', 'b', 'c') },
  { weight: 1, arbitrary: fc.constantFrom('.', '..') },
);
const path = fc
  .tuple(
    fc.constantFrom('', '', '/'),
    fc.oneof(
      { weight: 3, arbitrary: fc.array(component, { minLength: 1, maxLength: 1 }) },
      { weight: 2, arbitrary: fc.array(component, { minLength: 1, maxLength: 4 }) },
    ),
    fc.constantFrom('', '', '', '', '', '', '/'),
  )
  .map(([start, parts, end]) => `${start}${parts.join('/')}${end}`);
const flag = fc.constantFrom('none', 'none', 'none', 'noreplace', 'exchange');

/** One operation, done to both. */
type Twins = (naive: NaiveTree) => readonly [FileOperation, string];

const operation: fc.Arbitrary<Twins> = fc.oneof(
  fc
    .tuple(path, fc.boolean())
    .map(([p, exclusive]): Twins => (naive) => [
      { kind: 'create', path: bytesOf(p), mode: 0o644, exclusive, ...PLAIN },
      naive.create(p, exclusive),
    ]),
  path.map((p): Twins => (naive) => [
    { kind: 'mkdir', path: bytesOf(p), mode: 0o755, ...PLAIN_DIRECTORY },
    naive.mkdir(p),
  ]),
  path.map((p): Twins => (naive) => [
    { kind: 'mkdir', path: bytesOf(p), mode: 0o755, ...PLAIN_DIRECTORY },
    naive.mkdir(p),
  ]),
  fc
    .tuple(path, path)
    .map(([target, p]): Twins => (naive) => [
      { kind: 'symlink', path: bytesOf(p), target: bytesOf(target) },
      naive.symlink(target, p),
    ]),
  fc
    .tuple(path, path, fc.boolean())
    .map(([from, to, follow]): Twins => (naive) => [
      { kind: 'link', from: bytesOf(from), to: bytesOf(to), follow },
      naive.link(from, to, follow),
    ]),
  path.map((p): Twins => (naive) => [{ kind: 'unlink', path: bytesOf(p) }, naive.unlink(p)]),
  path.map((p): Twins => (naive) => [{ kind: 'rmdir', path: bytesOf(p) }, naive.rmdir(p)]),
  fc.tuple(path, path, flag).map(([from, to, how]): Twins => (naive) => [
    {
      kind: 'rename',
      from: bytesOf(from),
      to: bytesOf(to),
      noreplace: how === 'noreplace',
      exchange: how === 'exchange',
      whiteout: false,
    },
    naive.rename(from, to, how),
  ]),
);

/** Nobody listens to what happens here. */
const UNHEARD = { events: { publish: () => undefined } } as unknown as ApplyContext;

function callAt(opNumber: number): Call {
  const now = { seconds: 1_700_000_000 + opNumber, nanos: 0 };
  const caller = { uid: 0, gids: [0], umask: 0, cwd: 1 };
  return { caller, now, opNumber, session: undefined, context: UNHEARD, opened: new Map() };
}

function pictureOf(tree: FileTree): Picture {
  const seen: number[] = [];
  const lines: string[] = [];
  const draw = (at: string, inode: Inode): void => {
    if (!seen.includes(inode.ino)) seen.push(inode.ino);
    lines.push(`${at} ${inode.type} ${inode.nlink} #${seen.indexOf(inode.ino)}`);
    if (!inode.isDirectory) return;
    for (const { name, ino } of tree.names.list(inode.ino))
      draw(`${at}/${name}`, tree.inodes.get(ino));
  };
  draw('', tree.root);
  return lines;
}

function naivePictureOf(naive: NaiveTree): Picture {
  const all: NaiveNode[] = [];
  const gather = (node: NaiveNode): void => {
    all.push(node);
    for (const child of node.entries.values()) gather(child);
  };
  gather(naive.root);
  const nlink = (node: NaiveNode): number =>
    node.type === 'dir'
      ? 2 + [...node.entries.values()].filter(({ type }) => type === 'dir').length
      : all.filter((other) => other === node).length;
  const seen: NaiveNode[] = [];
  const lines: string[] = [];
  const draw = (at: string, node: NaiveNode): void => {
    if (!seen.includes(node)) seen.push(node);
    lines.push(`${at} ${node.type} ${nlink(node)} #${seen.indexOf(node)}`);
    for (const name of [...node.entries.keys()].sort())
      draw(`${at}/${name}`, node.entries.get(name) as NaiveNode);
  };
  draw('', naive.root);
  return lines;
}

/** What must hold whatever was done: all that is kept is reached, and every record tells the truth of its place. */
function checkTables(tree: FileTree): void {
  const found = new Map<number, Inode>();
  const names = new Map<number, number>();
  let directories = 0;
  const visit = (directory: Inode): Usage => {
    let usage = { files: 0, directories: 0, bytes: 0 };
    let entries = 0;
    for (const { name, ino, type } of tree.names.list(directory.ino)) {
      entries += 1;
      const inode = tree.inodes.get(ino);
      expect([name, type]).toEqual([name, inode.type]);
      if (inode.isDirectory) {
        expect([found.has(ino), tree.names.ownName(ino)]).toEqual([false, name]);
        directories += 1;
      }
      expect(inode.parent).toBe(inode.has('links') ? 0 : directory.ino);
      found.set(ino, inode);
      names.set(ino, (names.get(ino) ?? 0) + 1);
      usage = sumOf(usage, inode.isDirectory ? visit(inode) : NO_USAGE, {
        files: inode.isDirectory ? 0 : 1,
        directories: inode.isDirectory ? 1 : 0,
        bytes: type === 'file' ? inode.size : 0,
      });
    }
    expect(directory.size).toBe(entries);
    expect(directory.usage).toEqual(usage);
    return usage;
  };
  visit(tree.root);
  const links = [...names].filter(([ino]) => found.get(ino)?.has('links') === true);
  for (const [ino, count] of names) {
    const inode = found.get(ino) as Inode;
    if (!inode.isDirectory) expect([inode.nlink, inode.has('links')]).toEqual([count, count > 1]);
  }
  const symlinks = [...found.values()].filter(({ isSymlink }) => isSymlink).length;
  const rootIsWritten = tree.root.changedOp > 0;
  expect([tree.inodes.size, tree.names.size, tree.extra.size]).toEqual([
    found.size + (rootIsWritten ? 1 : 0),
    [...names.values()].reduce((sum, count) => sum + count, 0) + directories,
    symlinks + links.reduce((sum, [, count]) => sum + count, 0),
  ]);
}

const NO_USAGE: Usage = { files: 0, directories: 0, bytes: 0 };

const sumOf = (...usages: readonly Usage[]): Usage =>
  usages.reduce((sum, more) => ({
    files: sum.files + more.files,
    directories: sum.directories + more.directories,
    bytes: sum.bytes + more.bytes,
  }));

function start(): {
  readonly store: StateStore;
  readonly tree: FileTree;
  readonly naive: NaiveTree;
} {
  const store = createStateStore(fnvHash);
  const tables = fileTables(store.tablesOf('files'));
  const volume = findVolume(tables, MAIN_VOLUME) as Volume;
  return { store, tree: new FileTree(tables, volume), naive: new NaiveTree() };
}

function digestUnlessDone(store: StateStore, code: string): ByteString | undefined {
  return code === 'ok' ? undefined : store.digest();
}

describe('the file tree', () => {
  it('does what its naive twin does: the same errno, the same tree, and what fails changes nothing', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 60 }), (operations) => {
        const { store, tree, naive } = start();
        operations.forEach((twins, at) => {
          const [op, expected] = twins(naive);
          const before = digestUnlessDone(store, expected);
          const result = execute(tree, callAt(at + 1), op);
          expect([op, result.kind === 'refused' ? result.code : 'ok']).toEqual([op, expected]);
          expect(digestUnlessDone(store, expected)).toBe(before);
          expect(pictureOf(tree)).toEqual(naivePictureOf(naive));
        });
        checkTables(tree);
      }),
      { numRuns: 150 },
    );
  });
});

describe('links of one inode', () => {
  it('are all written down while there are several; of the only one the inode tells the parent', () => {
    const { tree } = start();
    const [file, twin] = [bytesOf('/f'), bytesOf('/d/g')];
    const run = (op: FileOperation): void => {
      expect(execute(tree, callAt(1), op).kind).not.toBe('refused');
    };
    const mode = 0o644;
    run({ kind: 'mkdir', path: bytesOf('/d'), mode, ...PLAIN_DIRECTORY });
    run({ kind: 'create', path: file, mode, exclusive: true, ...PLAIN });
    const ino = tree.names.find(1, bytesOf('f')) ?? 0;
    const directory = tree.names.find(1, bytesOf('d')) ?? 0;
    const directories = (): readonly number[] => [...directoriesOf(tree, tree.inodes.get(ino))];
    expect([tree.inodes.get(ino).parent, directories()]).toEqual([1, [1]]);
    run({ kind: 'link', from: file, to: twin, follow: false });
    expect([tree.inodes.get(ino).parent, directories()]).toEqual([0, [1, directory]]);
    run({ kind: 'unlink', path: file });
    expect([tree.inodes.get(ino).parent, directories()]).toEqual([directory, [directory]]);
    checkTables(tree);
  });

  it('have a limit: EMLINK', () => {
    const { tree } = start();
    const run = (op: FileOperation): string => {
      const result = execute(tree, callAt(1), op);
      return result.kind === 'refused' ? result.code : 'ok';
    };
    const create = { mode: 0o755, exclusive: true, ...PLAIN } as const;
    run({ kind: 'create', path: bytesOf('/f'), ...create });
    run({ kind: 'mkdir', path: bytesOf('/d'), mode: 0o755, ...PLAIN_DIRECTORY });
    run({ kind: 'mkdir', path: bytesOf('/e'), mode: 0o755, ...PLAIN_DIRECTORY });
    for (const name of ['f', 'd']) {
      const ino = tree.names.find(1, bytesOf(name)) as number;
      tree.inodes.change(tree.inodes.get(ino), { nlink: 2 ** 31 - 1 });
    }
    const rename = {
      from: bytesOf('/e'),
      to: bytesOf('/d/e'),
      noreplace: false,
      exchange: false,
      whiteout: false,
    };
    expect([
      run({ kind: 'link', from: bytesOf('/f'), to: bytesOf('/g'), follow: false }),
      run({ kind: 'mkdir', path: bytesOf('/d/x'), mode: 0o755, ...PLAIN_DIRECTORY }),
      run({ kind: 'rename', ...rename }),
      run({ kind: 'create', path: bytesOf('/d/x'), ...create }),
    ]).toEqual(['EMLINK', 'EMLINK', 'EMLINK', 'ok']);
  });
});
