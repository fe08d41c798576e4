import type { ReadContext } from '@lockstep/vr-core';
import { answerQuery } from '../inspect/queries';
import { FileTree, type Caller } from '../model/file-tree';
import { Refusal } from '../model/refusal';
import type { FileTables } from '../model/tables';
import type { Volume } from '../model/volume';
import { find, lookingAs } from '../resolve/target';
import type { FileOperationOf, FileQuery, QueryKind } from '../wire/operations';
import { refusedResult, type FileResult } from '../wire/outcomes';
import type { FileQueryRequest } from '../wire/requests';
import { diff } from './diff';
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

/** Answers a query of the state at its moment. */
export function answerAt(
  tables: FileTables,
  volume: Volume,
  query: Pick<FileQueryRequest, 'caller' | 'at' | 'op'>,
  context: ReadContext,
): FileResult {
  const answer = ask(tables, volume, query, context);
  return answer instanceof Refusal ? refusedResult(answer) : answer;
}

function ask(
  tables: FileTables,
  volume: Volume,
  { caller, at, op }: Pick<FileQueryRequest, 'caller' | 'at' | 'op'>,
  context: ReadContext,
): FileResult | Refusal {
  if (op.kind === 'diff')
    return at.kind === 'now' ? diff(tables, volume, caller, { ...op, context }) : notOfThePast();
  if (at.kind === 'now') return answerQuery(new FileTree(tables, volume), lookingAs(caller), op);
  const state = stateAt(tables, volume, at, context);
  if (state instanceof Refusal) return state;
  const tree = new FileTree(pastTables(tables, state), volume);
  if (op.kind === 'summary' && at.kind === 'snapshot')
    return summaryOfSnapshot(tree, caller, at.name, op);
  return canBeAsked(op) ? answerQuery(tree, lookingAs(caller), op) : notOfThePast();
}

/** Handles are of now, and so is what they have open. */
function canBeAsked(op: FileQuery): boolean {
  const isOpen = 'object' in op && (op.object.kind === 'handle' || op.object.kind === 'opened');
  return OF_THE_PAST.has(op.kind) && !isOpen;
}

/** Of the root it is written down with the snapshot; of no other directory. */
function summaryOfSnapshot(
  tree: FileTree,
  caller: Caller,
  name: string,
  { object }: FileOperationOf<'summary'>,
): FileResult | Refusal {
  const inode = find(tree, lookingAs(caller), object);
  if (inode instanceof Refusal) return inode;
  const found = findSnapshot(tree.tables, tree.volume.id, name);
  if (inode.ino !== tree.volume.root || found === undefined) return notOfThePast();
  return { kind: 'summary', ...found.usage };
}

const notOfThePast = (): Refusal => new Refusal('EOPNOTSUPP', undefined, 'history');
