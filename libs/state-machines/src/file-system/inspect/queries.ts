import type { ByteString } from '@lockstep/vr-core';
import { getLocks } from '../advisory/get-locks';
import { getQuota } from '../accounting/quota';
import { summaryOf } from '../accounting/summary';
import { diff } from '../history/diff';
import { listSnapshots } from '../history/snapshots';
import { getChunks } from '../content/chunks';
import { read } from '../content/read';
import type { FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { Refusal } from '../model/refusal';
import { find, type Looking } from '../resolve/target';
import { listTrash } from '../trash/list-trash';
import type { FileQuery, FileOperationOf } from '../wire/operations';
import {
  inodeResult,
  listingResult,
  NOTHING,
  refusedResult,
  type FileResult,
} from '../wire/outcomes';
import { listVolumes } from '../volumes/find-volume';
import { spaceHeld } from '../volumes/room';
import { namesLeft } from '../trash/purge';
import { access } from './access';
import { getxattr, listxattr } from '../xattr/xattr';
import { getacl } from '../acl/set-acl';
import { readdir } from './listing';
import { locate } from './locate';

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
    case 'access':
    case 'locate':
    case 'getquota':
    case 'summary':
      return ofObject(tree, looking, query);
    case 'getacl':
      return getacl(tree, looking, query);
    case 'read':
      return read(tree, looking, query);
    case 'getchunks':
      return getChunks(tree, looking, query);
    case 'getlocks':
      return getLocks(tree, looking, query);
    case 'listtrash':
      return listTrash(tree, looking.caller, query);
    case 'getxattr':
      return getxattr(tree, looking, query);
    case 'listxattr':
      return listxattr(tree, looking, query);
    case 'statfs':
      return { kind: 'statfs', volume: tree.volume, ...spaceHeld(tree), purging: namesLeft(tree) };
    case 'listvolumes': {
      return { kind: 'volumes', ...listVolumes(tree.tables, query.after, query.limit) };
    }
    case 'listsnapshots':
      return listSnapshots(tree, query);
    case 'diff':
      return diff(tree, looking, query);
  }
}

function ofObject(
  tree: FileTree,
  looking: Looking,
  query: FileOperationOf<
    'stat' | 'readlink' | 'readdir' | 'access' | 'locate' | 'getquota' | 'summary'
  >,
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
    case 'access':
      return access(tree, looking.caller, inode, query.mode) ?? NOTHING;
    case 'locate':
      return { kind: 'paths', paths: locate(tree, inode, looking.caller) };
    case 'getquota':
      return getQuota(tree, inode);
    case 'summary':
      return summaryOf(inode);
  }
}

function readlink(tree: FileTree, inode: Inode): ByteString | Refusal {
  return inode.isSymlink ? tree.extra.target(inode.ino) : new Refusal('EINVAL');
}
