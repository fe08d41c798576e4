import type { Call, FileTree } from '../model/file-tree';
import { NO_DEVICE } from '../model/inode-type';
import type { Place } from '../model/place';
import { Refusal } from '../model/refusal';
import { addInode } from './create';

/** What union file systems read as "here is nothing, whatever is below": a device 0/0 that nobody may use. (rename(2)) */
export function leaveWhiteout(tree: FileTree, call: Call, place: Place): Refusal | undefined {
  const whiteout = addInode(tree, call, place, { type: 'char', mode: 0, rdev: NO_DEVICE });
  return whiteout instanceof Refusal ? whiteout : undefined;
}
