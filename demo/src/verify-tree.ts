import type { Attributes, Files } from '@lockstep/client';
import { fromWire, join, show, toWire, type BytePath } from './byte-path';
import type { ExpectedTree, Node } from './tree';

/** One name as the group has it. */
interface Found {
  readonly attributes: Attributes;
  readonly target?: BytePath;
}

const DIRECTORIES_AT_ONCE = 32;

/**
 * Compares every entry below `root` with what must be there: names, types, modes, owners, sizes, times, targets, and
 * which names are one inode. One line for each difference.
 */
export async function compareTree(
  files: Files,
  root: BytePath,
  expected: ExpectedTree,
  onProgress: (compared: number) => void,
): Promise<{ compared: number; differences: string[] }> {
  const found = await readTree(files, root, onProgress);
  const differences: string[] = [];
  const inodes = new Map<Node, bigint>();
  const nodes = new Map<bigint, Node>();
  let compared = 0;
  for (const [path, node] of expected.paths()) {
    if (path === '/') continue;
    compared++;
    const here = found.get(path);
    found.delete(path);
    if (here === undefined) {
      differences.push(`${show(path)}: is missing`);
      continue;
    }
    const { ino } = here.attributes;
    const sameInode = (inodes.get(node) ?? ino) === ino && (nodes.get(ino) ?? node) === node;
    inodes.set(node, ino);
    nodes.set(ino, node);
    const wrong = [...wrongAttributes(node, here), ...(sameInode ? [] : ['another inode'])];
    if (wrong.length > 0) differences.push(`${show(path)}: ${wrong.join(', ')}`);
  }
  for (const path of found.keys()) differences.push(`${show(path)}: nobody made it`);
  return { compared, differences };
}

function wrongAttributes(node: Node, { attributes, target }: Found): string[] {
  const expected: Readonly<Record<string, unknown>> = {
    type: node.type,
    mode: octal(node.mode),
    uid: node.uid,
    gid: node.gid,
    nlink: linksOf(node),
    ...(node.type === 'dir' ? {} : { size: node.size }),
    ...(node.mtimeNs === undefined ? {} : { mtimeNs: node.mtimeNs }),
    ...(node.target === undefined ? {} : { target: node.target }),
  };
  const actual: Readonly<Record<string, unknown>> = {
    ...attributes,
    mode: octal(attributes.mode),
    target,
  };
  return Object.keys(expected)
    .filter((name) => expected[name] !== actual[name])
    .map((name) => `${name} is ${String(actual[name])}, not ${String(expected[name])}`);
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

/** A directory is linked by its name, by its own `.`, and by the `..` of every directory in it. */
const linksOf = (node: Node): number =>
  node.children === undefined
    ? node.names
    : 2 + [...node.children.values()].filter(({ type }) => type === 'dir').length;

async function readTree(
  files: Files,
  root: BytePath,
  onProgress: (entries: number) => void,
): Promise<Map<BytePath, Found>> {
  const found = new Map<BytePath, Found>();
  found.set(root, { attributes: await files.stat(toWire(root)) });
  const waiting: BytePath[] = [root];
  const readOne = async (directory: BytePath): Promise<void> => {
    for await (const entry of files.entries(toWire(directory), { plus: true })) {
      const path = join(directory, fromWire(entry.name));
      const { attributes } = entry;
      if (attributes === undefined) throw new Error(`no attributes of ${show(path)}`);
      if (entry.type === 'dir') waiting.push(path);
      found.set(
        path,
        entry.type === 'symlink'
          ? { attributes, target: fromWire(await files.readlink({ ino: entry.ino })) }
          : { attributes },
      );
    }
    onProgress(found.size);
  };
  while (waiting.length > 0) {
    await Promise.all(waiting.splice(0, DIRECTORIES_AT_ONCE).map(readOne));
  }
  return found;
}
