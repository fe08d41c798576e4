import type { Caller, FileTree } from '../model/file-tree';
import { Refusal } from '../model/refusal';
import { isRoot } from '../resolve/permission';
import { findTrashed, type Trashed } from './trash';
import { parseId } from './trash-id';

/** What is in the trash is for who put it there, and for root. */
export function ownTrashed(tree: FileTree, caller: Caller, text: string): Trashed | Refusal {
  const id = parseId(text);
  const found = id === undefined ? undefined : findTrashed(tree, id);
  if (found === undefined) return new Refusal('ENOENT', undefined, 'no-trash');
  if (found.id.uid !== caller.uid && !isRoot(caller))
    return new Refusal('EPERM', undefined, 'not-owner');
  return found;
}
