import { answerQuery } from '../inspect/queries';
import { FileTree } from '../model/file-tree';
import { Refusal } from '../model/refusal';
import type { FileTables } from '../model/tables';
import type { Volume } from '../model/volume';
import { find, type Looking } from '../resolve/target';
import type { FileMoment } from '../wire/arguments';
import type { FileOperationOf, FileQuery, QueryKind } from '../wire/operations';
import { refusedResult, type FileResult } from '../wire/outcomes';
import { pastTables } from './past-tables';
import { findSnapshot } from './snapshot-table';
import { stateAt } from './state-at';

/** What can be asked of the past: the rest is of things that have none, or tells of them. */
const OF_THE_PAST: ReadonlySet<QueryKind> = new Set([
  'stat',
  'readlink',
  'readdir',
  'access',
  'locate',
  'read',
  'getchunks',
  'getxattr',
  'listxattr',
  'getacl',
]);

/** Answers a query of the state of a moment. */
export function answerAt(
  tables: FileTables,
  volume: Volume,
  looking: Looking,
  at: FileMoment,
  query: FileQuery,
): FileResult {
  if (at.kind === 'now') return answerQuery(new FileTree(tables, volume), looking, query);
  const state = stateAt(tables, volume, at, looking.context);
  if (state instanceof Refusal) return refusedResult(state);
  const tree = new FileTree(pastTables(tables, state), volume);
  if (query.kind === 'summary' && at.kind === 'snapshot')
    return summaryOfSnapshot(tree, looking, at.name, query);
  return canBeAsked(query) ? answerQuery(tree, looking, query) : refusedResult(NOT_OF_THE_PAST);
}

/** Handles are of now, and so is what they have open. */
function canBeAsked(op: FileQuery): boolean {
  const isOpen = 'object' in op && (op.object.kind === 'handle' || op.object.kind === 'opened');
  return OF_THE_PAST.has(op.kind) && !isOpen;
}

/** Of the root it is written down with the snapshot; of no other directory. */
function summaryOfSnapshot(
  tree: FileTree,
  looking: Looking,
  name: string,
  { object }: FileOperationOf<'summary'>,
): FileResult {
  const inode = find(tree, looking, object);
  if (inode instanceof Refusal) return refusedResult(inode);
  const found = findSnapshot(tree.tables, tree.volume.id, name);
  if (inode.ino !== tree.volume.root || found === undefined) return refusedResult(NOT_OF_THE_PAST);
  return { kind: 'summary', ...found.usage };
}

const NOT_OF_THE_PAST = new Refusal('EOPNOTSUPP', undefined, 'history');
