import { weightOf } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { FileResult } from '../wire/outcomes';

/**
 * What is below a directory, itself not counted, or what a file counts for: told by one record, however much is below.
 * Whoever may stat the directory may ask, as with the recursive statistics of CephFS.
 */
export function summaryOf(inode: Inode): FileResult {
  return { kind: 'summary', ...(inode.isDirectory ? inode.usage : weightOf(inode)) };
}
