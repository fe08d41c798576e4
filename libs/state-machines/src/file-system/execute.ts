import { setQuota } from './accounting/quota';
import { create, mkdir, mknod, symlink } from './naming/create';
import { link } from './naming/link';
import { rmdir, unlink } from './naming/remove';
import { rename } from './naming/rename';
import { removeSnapshot, renameSnapshot, snapshot } from './history/snapshots';
import { answerQuery } from './inspect/queries';
import type { Call, FileTree } from './model/file-tree';
import { Inode } from './model/inode';
import { FILE_SIZE_MAX } from './model/limits';
import { Refusal } from './model/refusal';
import { nearestFileTime } from './model/time';
import { findTarget } from './resolve/target';
import { chmod, chown, truncate, utimens, type TimeChange } from './status/set-attributes';
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
  if (isQuery(op)) return answerQuery(tree, call, op);
  const done = change(tree, call, op);
  if (done === undefined) return NOTHING;
  if (done instanceof Refusal) return refusedResult(done);
  return done instanceof Inode ? inodeResult(done) : done;
}

function change(tree: FileTree, call: Call, op: FileChange): Changed {
  switch (op.kind) {
    case 'create':
      return create(tree, call, op.path, op);
    case 'mkdir':
      return mkdir(tree, call, op.path, op.mode);
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
      return setAttributes(tree, call, op);
    case 'setxattr':
      return setxattr(tree, call, op);
    case 'removexattr':
      return removexattr(tree, call, op);
    case 'setquota': {
      const target = findTarget(tree, call, op.object);
      return target instanceof Refusal ? target : setQuota(tree, call, target, op);
    }
    case 'remove':
      return remove(tree, call, op);
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
    case 'setflags':
    case 'touch':
    case 'clone':
    case 'concat':
    case 'open':
    case 'close':
    case 'write':
    case 'setchunks':
    case 'flock':
    case 'plock':
    case 'setacl':
    case 'definevolume':
    case 'dropvolume':
      return new Refusal('ENOSYS');
  }
}

type AttributeChange = FileOperationOf<'chmod' | 'chown' | 'utimens' | 'truncate'>;

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
  }
}

function timeChange(argument: TimeArgument): TimeChange {
  if (argument.kind !== 'set') return argument;
  // A bigint beyond every exact number is beyond every time we keep as well.
  return { kind: 'set', time: nearestFileTime(Number(argument.seconds), argument.nanos) };
}
