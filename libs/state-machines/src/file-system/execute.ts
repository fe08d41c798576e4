import { chmod, chown, truncate, utimens, type TimeChange } from './set-attributes';
import { create, mkdir, mknod, symlink } from './create';
import type { Call, FileTree } from './file-tree';
import type { Inode } from './inode';
import { FILE_SIZE_MAX } from './limits';
import { link } from './link';
import { isQuery, type FileOperation, type TimeArgument } from './operations';
import { inodeResult, NOTHING, refusedResult, type FileResult } from './outcomes';
import { answerQuery, find } from './queries';
import { Refusal } from './refusal';
import { unlink, rmdir } from './remove';
import { rename } from './rename';
import { nearestFileTime } from './time';

/**
 * Executes one operation. What is refused has changed nothing: every check comes before the first write. An inode in
 * the result is the one in the tables, so the result is encoded, or `settled`, before the next operation.
 */
export function execute(tree: FileTree, call: Call, op: FileOperation): FileResult {
  if (isQuery(op)) return answerQuery(tree, call.caller, op);
  const done = change(tree, call, op);
  if (done instanceof Refusal) return refusedResult(done);
  return done === undefined ? NOTHING : inodeResult(done);
}

type FileChange = Exclude<FileOperation, { kind: 'stat' | 'readlink' | 'readdir' }>;

function change(tree: FileTree, call: Call, op: FileChange): Inode | Refusal | undefined {
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
  }
}

type AttributeChange = Extract<FileOperation, { kind: 'chmod' | 'chown' | 'utimens' | 'truncate' }>;

function setAttributes(
  tree: FileTree,
  call: Call,
  op: AttributeChange,
): Inode | Refusal | undefined {
  // Both are told by the arguments alone, before anything is looked up. (utimensat(2), truncate(2))
  if (op.kind === 'utimens' && op.atime.kind === 'omit' && op.mtime.kind === 'omit')
    return undefined;
  if (op.kind === 'truncate' && op.size < 0n) return new Refusal('EINVAL');

  const inode = find(tree, call.caller, op.object);
  if (inode instanceof Refusal) return inode;
  switch (op.kind) {
    case 'chmod':
      return chmod(tree, call, inode, op.mode);
    case 'chown':
      return chown(tree, call, inode, op);
    case 'utimens':
      return utimens(tree, call, inode, {
        atime: timeChange(op.atime),
        mtime: timeChange(op.mtime),
      });
    case 'truncate':
      if (op.size > FILE_SIZE_MAX) return new Refusal('EFBIG');
      return truncate(tree, call, inode, Number(op.size));
  }
}

function timeChange(argument: TimeArgument): TimeChange {
  if (argument.kind !== 'set') return argument;
  // A bigint beyond every exact number is beyond every time we keep as well.
  return { kind: 'set', time: nearestFileTime(Number(argument.seconds), argument.nanos) };
}
