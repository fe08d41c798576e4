import type { ByteString } from '@lockstep/vr-core';
import { getQuota } from '../accounting/quota';
import { summaryOf } from '../accounting/summary';
import { listSnapshots } from '../history/snapshots';
import type { FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { Refusal } from '../model/refusal';
import { find, type Looking } from '../resolve/target';
import { listTrash } from '../trash/list-trash';
import type { FileQuery, FileOperationOf } from '../wire/operations';
import { inodeResult, listingResult, refusedResult, type FileResult } from '../wire/outcomes';
import { getxattr, listxattr } from '../xattr/xattr';
import { readdir } from './listing';

/** Answers what changes nothing, access times included: no read enters the log, so none may leave a trace. */
export function answerQuery(tree: FileTree, looking: Looking, query: FileQuery): FileResult {
  const answer = ask(tree, looking, query);
  return answer instanceof Refusal ? refusedResult(answer) : answer;
}

function ask(tree: FileTree, looking: Looking, query: FileQuery): FileResult | Refusal {
  switch (query.kind) {
    case 'stat':
    case 'readlink':
    case 'readdir':
    case 'getquota':
    case 'summary':
      return ofObject(tree, looking, query);
    case 'listtrash':
      return listTrash(tree, looking.caller, query);
    case 'getxattr':
      return getxattr(tree, looking, query);
    case 'listxattr':
      return listxattr(tree, looking, query);
    case 'listsnapshots':
      return listSnapshots(tree, query);
    case 'diff':
      // Between two states, not of one: only for queries, which `answerAt` answers.
      return new Refusal('EOPNOTSUPP', undefined, 'history');
    case 'access':
    case 'locate':
    case 'read':
    case 'getchunks':
    case 'getlocks':
    case 'getacl':
    case 'statfs':
    case 'listvolumes':
      return new Refusal('ENOSYS');
  }
}

function ofObject(
  tree: FileTree,
  looking: Looking,
  query: FileOperationOf<'stat' | 'readlink' | 'readdir' | 'getquota' | 'summary'>,
): FileResult | Refusal {
  const inode = find(tree, looking, query.object);
  if (inode instanceof Refusal) return inode;
  switch (query.kind) {
    case 'stat':
      return inodeResult(inode);
    case 'readlink': {
      const target = readlink(tree, inode);
      return target instanceof Refusal ? target : { kind: 'target', target };
    }
    case 'readdir': {
      const listing = readdir(tree, looking.caller, inode, query);
      return listing instanceof Refusal ? listing : listingResult(listing);
    }
    case 'getquota':
      return getQuota(tree, inode);
    case 'summary':
      return summaryOf(inode);
  }
}

function readlink(tree: FileTree, inode: Inode): ByteString | Refusal {
  return inode.isSymlink ? tree.extra.target(inode.ino) : new Refusal('EINVAL');
}
