import { bool, decode, encode, struct, u64 } from '@lockstep/vr-core';
import type { Call, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { Errno } from '../model/errno';
import { Refusal } from '../model/refusal';
import { find } from '../resolve/target';
import type { FileObject } from '../wire/arguments';
import { refusedResult, type FileResult } from '../wire/outcomes';
import { lockNameShape, type Guard } from '../wire/requests';

/** What the lock manager's port is asked, as it has it; it answers one byte, 1 or 0. (locks.md; decision 2) */
const isCurrentShape = struct({ lock: lockNameShape, fence: u64 });

/** Whether a guard holds, and what was found where it looked. */
interface Verdict {
  readonly holds: boolean;
  readonly found: Inode | undefined;
}

/**
 * The first guard that does not hold, as `unmet`, or that cannot be told, as `refused`: the caller may not look there.
 * Undefined when all hold. (files.md A4)
 */
export function failedGuard(
  tree: FileTree,
  call: Call,
  guards: readonly Guard[],
): FileResult | undefined {
  for (const [at, guard] of guards.entries()) {
    const verdict = judge(tree, call, guard);
    if (verdict instanceof Refusal) return refusedResult(verdict);
    if (!verdict.holds) return { kind: 'unmet', guard: at, attributes: verdict.found };
  }
  return undefined;
}

function judge(tree: FileTree, call: Call, guard: Guard): Verdict | Refusal {
  if (guard.kind === 'held') return { holds: isHeld(call, guard), found: undefined };
  const found = findIfThere(tree, call, guard.object);
  if (found instanceof Refusal) return found;
  switch (guard.kind) {
    case 'exists':
      return { holds: found !== undefined, found };
    case 'absent':
      return { holds: found === undefined, found };
    case 'etag':
      return { holds: found !== undefined && isSameState(found, guard), found };
  }
}

/** Errnos that say that nothing is there; any other says that the caller cannot know. */
const NOTHING_THERE: readonly Errno[] = ['ENOENT', 'ENOTDIR', 'ESTALE'];

function findIfThere(tree: FileTree, call: Call, object: FileObject): Inode | Refusal | undefined {
  const found = find(tree, call, object);
  if (!(found instanceof Refusal)) return found;
  return NOTHING_THERE.includes(found.code) ? undefined : found;
}

function isSameState(inode: Inode, etag: Extract<Guard, { kind: 'etag' }>): boolean {
  const { ino, contentGen, metaGen } = inode;
  return ino === etag.ino && contentGen === etag.contentGen && metaGen === etag.metaGen;
}

/** Both services execute one log, so what the lock manager says now is so until this request is done. (files.md N10) */
function isHeld(call: Call, { lock, fence }: Extract<Guard, { kind: 'held' }>): boolean {
  const isCurrent = call.context.port('locks.isCurrent');
  return decode(bool, isCurrent(encode(isCurrentShape, { lock, fence })));
}
