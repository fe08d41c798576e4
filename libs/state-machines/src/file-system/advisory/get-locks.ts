import { utf8Decode } from '@lockstep/vr-core';
import type { FileTree } from '../model/file-tree';
import { FILE_SIZE_MAX } from '../model/limits';
import { Refusal } from '../model/refusal';
import { findTarget, type Looking } from '../resolve/target';
import type { FileOperationOf } from '../wire/operations';
import type { FileResult } from '../wire/outcomes';
import { bytesOf, isLiving, obstacle, ownerOf } from './conflict';
import { locksOn, sessionOf, type AdvisoryLock } from './lock-table';
import { refuseLocking } from './permission';

type Question = NonNullable<FileOperationOf<'getlocks'>['plock']>;

/** All locks on a file; or, as F_GETLK of POSIX, the first that would forbid a range, and none when it would be given. */
export function getLocks(
  tree: FileTree,
  looking: Looking,
  { object, plock }: FileOperationOf<'getlocks'>,
): FileResult | Refusal {
  const target = findTarget(tree, looking, object);
  if (target instanceof Refusal) return target;
  const refusal = refuseLocking(tree, looking.caller, target, 'any');
  if (refusal !== undefined) return refusal;
  const locks = target.inode.has('locks')
    ? Array.from(locksOn(tree.tables, target.inode.ino)).filter((lock) =>
        isLiving(looking.context, lock),
      )
    : [];
  const found = plock === undefined ? locks : inTheWay(looking, locks, plock);
  return found instanceof Refusal ? found : { kind: 'locks', locks: found.map(told) };
}

function inTheWay(
  looking: Looking,
  locks: readonly AdvisoryLock[],
  { owner: name, mode, start, length }: Question,
): readonly AdvisoryLock[] | Refusal {
  const bytes = bytesOf(start, length);
  if (bytes === undefined) return new Refusal('EINVAL');
  const owner = ownerOf(looking, name);
  const wanted = { kind: 'plock', ...bytes, exclusive: mode === 'write' } as const;
  // Who asks without a session can have no locks: everybody is another.
  const found = obstacle(
    looking.context,
    locks,
    wanted,
    owner instanceof Refusal ? undefined : owner,
  );
  return found === undefined ? [] : [found];
}

type ToldLock = Extract<FileResult, { readonly kind: 'locks' }>['locks'][number];

function told(lock: AdvisoryLock): ToldLock {
  const { kind, start, last, exclusive } = lock;
  return {
    kind,
    session: sessionOf(lock),
    owner: utf8Decode(lock.owner) ?? '',
    exclusive,
    start,
    length: last === FILE_SIZE_MAX ? 0 : last - start + 1,
  };
}
