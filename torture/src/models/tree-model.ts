import type { Model, Outcome, Question } from '../history/history';
import {
  EMPTY_TREE,
  linksOf,
  nodeAt,
  parentFault,
  parentOf,
  treeKey,
  withChanged,
  type Node,
  type Tree,
} from './tree';
import { change } from './tree-change';

/** What the group tells of an inode, as far as it is compared. */
interface Told {
  readonly ino?: unknown;
  readonly type?: unknown;
  readonly mode?: unknown;
  readonly nlink?: unknown;
}

const READS = new Set(['stat', 'readdir']);

/** The names below one directory, by the rules of POSIX. Paths of questions are below it. */
export const treeModel: Model<Tree> = {
  initial: EMPTY_TREE,
  key: treeKey,

  after(tree, question, outcome) {
    if (question.kind === 'stat') return afterStat(tree, question, outcome);
    if (question.kind === 'readdir') return afterReaddir(tree, question, outcome);
    if (question.kind === 'txn') return afterTransaction(tree, question, outcome);
    return afterChange(tree, question, outcome);
  },

  afterUnknown(tree, question) {
    if (READS.has(question.kind)) return [tree];
    const op = question.kind === 'txn' ? branchOf(tree, question) : question;
    const changed = change(tree, op);
    return [changed.ok ? changed.tree : tree];
  },

  changes(question, outcome) {
    if (READS.has(question.kind) || outcome.kind === 'refused') return false;
    return question.kind !== 'txn' || (outcome.value as { done?: unknown }).done === true;
  },
};

function afterChange(tree: Tree, question: Question, outcome: Outcome): readonly Tree[] {
  const changed = change(tree, question);
  if (outcome.kind === 'refused')
    return !changed.ok && changed.codes.includes(outcome.code) ? [tree] : [];
  if (!changed.ok) return [];
  return told(changed.tree, changed.path, outcome.value);
}

/** One condition, `exists`, and one change in each branch. */
function branchOf(tree: Tree, question: Question): Question {
  const guard = question['if'] as { readonly path: string; readonly exists: boolean };
  const holds = (nodeAt(tree, guard.path) !== undefined) === guard.exists;
  return question[holds ? 'then' : 'else'] as Question;
}

function afterTransaction(tree: Tree, question: Question, outcome: Outcome): readonly Tree[] {
  if (outcome.kind === 'refused') return [];
  const value = outcome.value as {
    readonly succeeded: boolean;
    readonly done: boolean;
    readonly results: readonly {
      readonly result?: unknown;
      readonly problem?: { readonly code: string };
    }[];
  };
  const branch = branchOf(tree, question);
  if (value.succeeded !== (branch === question['then'])) return [];
  const [first] = value.results;
  const { problem } = first ?? {};
  if (value.done !== (problem === undefined)) return [];
  const place = outcome.place;
  return afterChange(
    tree,
    branch,
    problem === undefined
      ? { kind: 'done', value: first?.result, place }
      : { kind: 'refused', code: problem.code, place },
  );
}

function afterStat(tree: Tree, { path }: Question, outcome: Outcome): readonly Tree[] {
  const name = String(path);
  if (outcome.kind === 'done')
    return nodeAt(tree, name) === undefined ? [] : told(tree, name, outcome.value);
  const absent = parentFault(tree, name) ?? (nodeAt(tree, name) === undefined ? 'ENOENT' : '');
  return outcome.code === absent ? [tree] : [];
}

function afterReaddir(tree: Tree, { path }: Question, outcome: Outcome): readonly Tree[] {
  const name = String(path);
  const node = nodeAt(tree, name);
  if (outcome.kind === 'refused') {
    const fault = name === '' ? '' : (parentFault(tree, name) ?? listingFault(node));
    return outcome.code === fault ? [tree] : [];
  }
  if (name !== '' && node?.type !== 'dir') return [];
  const { entries } = outcome.value as { entries: readonly { name: string; type: string }[] };
  const listed = entries.map((entry) => `${entry.name}:${entry.type}`).sort();
  const expected = [...tree.entries.keys()]
    .filter((each) => parentOf(each) === name)
    .map((each) => `${each.slice(each.lastIndexOf('/') + 1)}:${nodeAt(tree, each)?.type ?? ''}`)
    .sort();
  return listed.join() === expected.join() ? [tree] : [];
}

const listingFault = (node: Node | undefined): string => {
  if (node === undefined) return 'ENOENT';
  return node.type === 'dir' ? '' : 'ENOTDIR';
};

/** The tree with what an answer tells of the inode at this path; none when it contradicts. */
function told(tree: Tree, path: string | undefined, value: unknown): readonly Tree[] {
  const { ino, type, mode, nlink } = (value ?? {}) as Told;
  const node = path === undefined ? undefined : nodeAt(tree, path);
  if (node === undefined || typeof ino !== 'string') return [tree];
  if (type !== node.type || mode !== node.mode) return [];
  if (node.type === 'file' && nlink !== linksOf(tree, node)) return [];
  if (node.ino === ino) return [tree];
  const isTaken = [...tree.nodes.values()].some((other) => other.ino === ino);
  return node.ino === '?' && !isTaken ? [withChanged(tree, { ...node, ino })] : [];
}
