import type { Call, FileTree } from '../model/file-tree';
import { MARK, type Inode } from '../model/inode';
import type { InodeType } from '../model/inode-type';
import type { Target } from '../model/place';
import { Refusal } from '../model/refusal';
import { keyOfSession } from '../model/session-key';
import { writeDownName } from '../naming/names';
import type { Life } from '../wire/operations';
import { putEphemeral, putExpiry } from './transients';

/**
 * Whether what is made may live so: an ephemeral is a file, as nobody could say whose is what others put into a directory,
 * and needs a session; a container is a directory. (files.md A4)
 */
export function refuseLife(call: Call, type: InodeType, life: Life): Refusal | undefined {
  if (life.kind === 'permanent' || life.kind === 'ttl') return undefined;
  const isDirectory = type === 'dir';
  if (isDirectory !== (life.kind === 'container'))
    return new Refusal('EINVAL', undefined, 'wrong-type');
  if (life.kind === 'ephemeral' && call.session === undefined)
    return new Refusal('EINVAL', undefined, 'no-session');
  return undefined;
}

/** Of what was made just now: gives it as it is now. A directory knows its own name. */
export function beginLife(tree: FileTree, call: Call, { inode, place }: Target, life: Life): Inode {
  if (life.kind === 'permanent') return inode;
  const { tables, volume } = tree;
  if (life.kind === 'ephemeral')
    putEphemeral(tables, inode.ino, keyOfSession(call.session), volume.name);
  if (life.kind === 'ttl')
    putExpiry(
      { tables, context: call.context },
      inode.ino,
      {
        kind: 'ttl',
        ttlMs: life.ttlMs,
        dueMs: call.context.clusterMs + life.ttlMs,
        changedMs: call.context.clusterMs,
      },
      volume.name,
    );
  if (place !== undefined) writeDownName(tree, inode, place);
  return tree.inodes.change(inode, { marks: inode.marksWith(MARK[life.kind]) });
}
