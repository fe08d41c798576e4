import { setQuota } from './accounting/quota';
import { setacl } from './acl/set-acl';
import { flock } from './advisory/flock';
import { plock } from './advisory/plock';
import { setChunks } from './content/chunks';
import { clone } from './content/clone';
import { concat } from './content/concat';
import { truncate } from './content/truncate';
import { write } from './content/write';
import { close } from './handles/close';
import { open } from './handles/open';
import { createFile, makeDirectory } from './lifetime/make';
import { mknod, symlink } from './naming/create';
import { link } from './naming/link';
import { rmdir, unlink } from './naming/remove';
import { rename } from './naming/rename';
import { removeSnapshot, renameSnapshot, snapshot } from './history/snapshots';
import { answerQuery } from './inspect/queries';
import type { Call, FileTree } from './model/file-tree';
import { Inode } from './model/inode';
import { FILE_SIZE_MAX } from './model/limits';
import { NO_INO } from './model/inode-type';
import { NO_VOLUME, Refusal } from './model/refusal';
import { nearestFileTime } from './model/time';
import { findTarget } from './resolve/target';
import { chmod, chown, utimens, type TimeChange } from './status/set-attributes';
import { setFlags } from './status/set-flags';
import { touch } from './status/touch';
import { defineVolume } from './volumes/define-volume';
import { dropVolume } from './volumes/drop-volume';
import { mayOverflow, refuseOverflow, spaceHeld } from './volumes/room';
import { discard } from './trash/discard';
import { remove } from './trash/remove';
import { restore } from './trash/restore';
import type { TimeArgument } from './wire/arguments';
import {
  isQuery,
  type FileChange,
  type FileOperation,
  type FileOperationOf,
} from './wire/operations';
import { removexattr, setxattr } from './xattr/xattr';
import { inodeResult, NOTHING, refusedResult, type FileResult } from './wire/outcomes';

/** What a change gives: the inode it was about, something else to tell, nothing, or why it was not done. */
export type Changed = Inode | FileResult | Refusal | undefined;

/**
 * Executes one operation. What is refused has changed nothing: every check comes before the first write. An inode in
 * the result is the one in the tables, so the result is encoded, or `settled`, before the next operation.
 */
export function execute(tree: FileTree, call: Call, op: FileOperation): FileResult {
  // An operation before has dropped the volume; to define it is all that is left.
  if (tree.volume.root === NO_INO && op.kind !== 'definevolume') return refusedResult(NO_VOLUME);
  if (isQuery(op)) return answerQuery(tree, call, op);
  const done = changeWithin(tree, call, op);
  if (done === undefined) return NOTHING;
  if (done instanceof Refusal) return refusedResult(done);
  return done instanceof Inode ? inodeResult(done) : done;
}

/** A change, or why there is no room for what it has made. */
function changeWithin(tree: FileTree, call: Call, op: FileChange): Changed {
  if (!mayOverflow(tree, op.kind)) return change(tree, call, op);
  const before = spaceHeld(tree);
  const done = change(tree, call, op);
  return done instanceof Refusal ? done : (refuseOverflow(tree, before) ?? done);
}

function change(tree: FileTree, call: Call, op: FileChange): Changed {
  switch (op.kind) {
    case 'create':
      return createFile(tree, call, op);
    case 'mkdir':
      return makeDirectory(tree, call, op);
    case 'mknod':
      return mknod(tree, call, op.path, op);
    case 'symlink':
      return symlink(tree, call, op.path, op.target);
    case 'link':
      return link(tree, call, op);
    case 'unlink':
      return unlink(tree, call, op.path);
    case 'rmdir':
      return rmdir(tree, call, op.path);
    case 'rename':
      return rename(tree, call, op);
    case 'chmod':
    case 'chown':
    case 'utimens':
    case 'truncate':
    case 'setflags':
      return setAttributes(tree, call, op);
    case 'setacl':
      return setacl(tree, call, op);
    case 'setxattr':
      return setxattr(tree, call, op);
    case 'removexattr':
      return removexattr(tree, call, op);
    case 'setquota':
      return changeQuota(tree, call, op);
    case 'touch':
      return touch(tree, call, op.objects);
    case 'open':
    case 'close':
    case 'write':
    case 'setchunks':
    case 'clone':
    case 'concat':
    case 'flock':
    case 'plock':
      return changeContent(tree, call, op);
    case 'remove':
      return remove(tree, call, op);
    case 'restore':
    case 'discard':
    case 'snapshot':
    case 'removesnapshot':
    case 'renamesnapshot':
    case 'definevolume':
    case 'dropvolume':
      return changeVolume(tree, call, op);
  }
}

type VolumeChange = FileOperationOf<
  | 'restore'
  | 'discard'
  | 'snapshot'
  | 'removesnapshot'
  | 'renamesnapshot'
  | 'definevolume'
  | 'dropvolume'
>;

function changeVolume(tree: FileTree, call: Call, op: VolumeChange): Changed {
  switch (op.kind) {
    case 'restore':
      return restore(tree, call, op);
    case 'discard':
      return discard(tree, call, op.id);
    case 'snapshot':
      return snapshot(tree, call, op.name);
    case 'removesnapshot':
      return removeSnapshot(tree, call, op.name);
    case 'renamesnapshot':
      return renameSnapshot(tree, call, op);
    case 'definevolume':
      return defineVolume(tree, call, op.settings);
    case 'dropvolume':
      return dropVolume(tree, call);
  }
}

type ContentChange = FileOperationOf<
  'open' | 'close' | 'write' | 'setchunks' | 'clone' | 'concat' | 'flock' | 'plock'
>;

/** Of open files, what is in them, and the locks on it. */
function changeContent(tree: FileTree, call: Call, op: ContentChange): Changed {
  switch (op.kind) {
    case 'open':
      return open(tree, call, op);
    case 'close':
      return close(tree, call, op.object);
    case 'write':
      return write(tree, call, op);
    case 'setchunks':
      return setChunks(tree, call, op);
    case 'clone':
      return clone(tree, call, op);
    case 'concat':
      return concat(tree, call, op);
    case 'flock':
      return flock(tree, call, op);
    case 'plock':
      return plock(tree, call, op);
  }
}

function changeQuota(tree: FileTree, call: Call, op: FileOperationOf<'setquota'>): Changed {
  const target = findTarget(tree, call, op.object);
  return target instanceof Refusal ? target : setQuota(tree, call, target, op);
}

type AttributeChange = FileOperationOf<'chmod' | 'chown' | 'utimens' | 'truncate' | 'setflags'>;

function setAttributes(tree: FileTree, call: Call, op: AttributeChange): Changed {
  // Both are told by the arguments alone, before anything is looked up. (utimensat(2), truncate(2))
  if (op.kind === 'utimens' && op.atime.kind === 'omit' && op.mtime.kind === 'omit')
    return undefined;
  if (op.kind === 'truncate' && op.size < 0n) return new Refusal('EINVAL');

  const target = findTarget(tree, call, op.object);
  if (target instanceof Refusal) return target;
  switch (op.kind) {
    case 'chmod':
      return chmod(tree, call, target, op.mode);
    case 'chown':
      return chown(tree, call, target, op);
    case 'utimens':
      return utimens(tree, call, target, {
        atime: timeChange(op.atime),
        mtime: timeChange(op.mtime),
      });
    case 'truncate':
      if (op.size > FILE_SIZE_MAX) return new Refusal('EFBIG');
      return truncate(tree, call, target, Number(op.size));
    case 'setflags':
      return setFlags(tree, call, target, op.flags);
  }
}

function timeChange(argument: TimeArgument): TimeChange {
  if (argument.kind !== 'set') return argument;
  // A bigint beyond every exact number is beyond every time we keep as well.
  return { kind: 'set', time: nearestFileTime(Number(argument.seconds), argument.nanos) };
}
