import { snapshotOf } from '../model/attributes';
import type { Caller, FileTree } from '../model/file-tree';
import { Refusal } from '../model/refusal';
import { isRoot } from '../resolve/permission';
import type { FileResult } from '../wire/outcomes';
import { findTrashed } from './trash';
import { idOf, idOfRow, parseId, rowKey, rowsOf } from './trash-id';

type Entries = Extract<FileResult, { kind: 'trash' }>['entries'];

/** What the caller has in the trash, the oldest first; root sees everybody's, by owner. */
export function listTrash(
  tree: FileTree,
  caller: Caller,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): FileResult | Refusal {
  const last = after === undefined ? undefined : parseId(after);
  if (after !== undefined && last === undefined) return new Refusal('EINVAL');
  const prefix = rowsOf(tree.volume.id, isRoot(caller) ? undefined : caller.uid);
  const from = last && rowKey(tree.volume.id, { ...last, number: last.number + 1 });
  const entries: Entries[number][] = [];
  for (const [at, row] of tree.tables.trash.in(prefix, from)) {
    if (entries.length === limit) return { kind: 'trash', entries, next: entries.at(-1)?.id };
    const id = idOfRow(at);
    const inode = findTrashed(tree, id)?.inode;
    if (inode === undefined) throw new Error(`what is in the trash has a row there: ${idOf(id)}`);
    const { path, atMs, untilMs } = row;
    const attributes = snapshotOf(inode);
    entries.push({ id: idOf(id), path, attributes, atMs, untilMs, uid: id.uid });
  }
  return { kind: 'trash', entries, next: undefined };
}
