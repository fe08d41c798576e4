import { encode, toByteString, type ByteString } from '@lockstep/vr-core';
import { attributesShape, snapshotOf, type Attributes } from '../model/attributes';
import { FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { Ino } from '../model/inode-type';
import { Refusal } from '../model/refusal';
import { actsAsOwner } from '../resolve/permission';
import type { Looking } from '../resolve/target';
import type { FileOperationOf } from '../wire/operations';
import type { FileResult } from '../wire/outcomes';
import { changedInodes } from './changed-inodes';
import { pastTables } from './past-tables';
import { pathsOf } from './paths';
import { stateAt } from './state-at';

/** Paths told of one inode. */
const PATHS_MAX = 16;

type Differences = Extract<FileResult, { kind: 'diff' }>['differences'];
type Side = Differences[number]['before'];

/**
 * Inodes that are not the same in two states, or are in one only, by number. An inode is in a state when a path leads to
 * it. What is below a directory that has moved, or gone, has not changed itself, and is not told of. As many steps as
 * there were changes between the two, however large the volume is. For root and for who owns the root of the volume: it
 * tells what is in every directory. (files.md N5)
 */
export function diff(
  { tables, volume, root }: FileTree,
  { caller, context }: Looking,
  { from, to, after, limit }: FileOperationOf<'diff'>,
): FileResult | Refusal {
  if (!actsAsOwner(caller, root)) return new Refusal('EPERM', undefined, 'not-owner');
  const [one, other] = [
    stateAt(tables, volume, from, context),
    stateAt(tables, volume, to, context),
  ];
  if (one instanceof Refusal) return one;
  if (other instanceof Refusal) return other;
  const before = new FileTree(pastTables(tables, one), volume);
  const now = new FileTree(pastTables(tables, other), volume);

  const page: Pair[] = [];
  let next: Ino | undefined;
  for (const ino of changedInodes(tables, one, other, after ?? 0)) {
    const pair = { ino, before: find(before, ino), after: find(now, ino) };
    if (isSame(pair.before, pair.after)) continue;
    if (page.length === limit) {
      next = page.at(-1)?.ino;
      break;
    }
    page.push(pair);
  }
  return { kind: 'diff', differences: [...told(page, before, now)], next };
}

/** An inode as it is in both states. */
interface Pair {
  readonly ino: Ino;
  readonly before: Inode | undefined;
  readonly after: Inode | undefined;
}

function* told(
  page: readonly Pair[],
  before: FileTree,
  after: FileTree,
): Iterable<Differences[number]> {
  const pathsBefore = pathsOf(
    before,
    page.map((pair) => pair.before),
  );
  const pathsAfter = pathsOf(
    after,
    page.map((pair) => pair.after),
  );
  for (const pair of page) {
    const sides = {
      before: sideOf(pair.before, pathsBefore.get(pair.ino)),
      after: sideOf(pair.after, pathsAfter.get(pair.ino)),
    };
    if (sides.before !== undefined || sides.after !== undefined) yield { ino: pair.ino, ...sides };
  }
}

function sideOf(inode: Inode | undefined, paths: readonly ByteString[] = []): Side {
  if (inode === undefined || paths.length === 0) return undefined;
  return { paths: paths.slice(0, PATHS_MAX), attributes: snapshotOf(inode) };
}

function find(tree: FileTree, ino: Ino): Inode | undefined {
  const inode = tree.inodes.find(ino);
  return inode?.volume === tree.volume.id ? inode : undefined;
}

function isSame(one: Attributes | undefined, other: Attributes | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return bytesOf(one) === bytesOf(other);
}

const bytesOf = (attributes: Attributes): ByteString =>
  toByteString(encode(attributesShape, attributes));
