import type { ByteString } from '@lockstep/vr-core';
import type { Caller, FileTree } from './file-tree';
import type { Inode } from './inode';
import { readdir } from './listing';
import type { FileObject, FileQuery } from './operations';
import { inodeResult, listingResult, refusedResult, type FileResult } from './outcomes';
import { resolve } from './path';
import { Refusal } from './refusal';

/** Answers what changes nothing, access times included: no read enters the log, so none may leave a trace. */
export function answerQuery(tree: FileTree, caller: Caller, query: FileQuery): FileResult {
  const inode = find(tree, caller, query.object);
  if (inode instanceof Refusal) return refusedResult(inode);
  switch (query.kind) {
    case 'stat':
      return inodeResult(inode);
    case 'readlink': {
      const target = readlink(tree, inode);
      return target instanceof Refusal ? refusedResult(target) : { kind: 'target', target };
    }
    case 'readdir': {
      const listing = readdir(tree, caller, inode, query);
      return listing instanceof Refusal ? refusedResult(listing) : listingResult(listing);
    }
  }
}

/** The inode that an operation is about. */
export function find(tree: FileTree, caller: Caller, object: FileObject): Inode | Refusal {
  if (object.kind === 'path') return resolve(tree, caller, object.path, object.follow);
  // Numbers are never used twice: whoever has one that is gone holds something stale.
  return tree.inodes.find(object.ino) ?? new Refusal('ESTALE');
}

function readlink(tree: FileTree, inode: Inode): ByteString | Refusal {
  return inode.isSymlink ? tree.extra.target(inode.ino) : new Refusal('EINVAL');
}
