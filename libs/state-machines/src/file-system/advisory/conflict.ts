import { utf8Encode, type ReadContext } from '@lockstep/vr-core';
import { FILE_SIZE_MAX } from '../model/limits';
import { Refusal } from '../model/refusal';
import { keyOfSession } from '../model/session-key';
import type { Looking } from '../resolve/target';
import {
  isOwnedBy,
  sessionOf,
  type AdvisoryLock,
  type LockKind,
  type LockOwner,
} from './lock-table';
import { overlaps, type Bytes, type LockRange } from './range';

/** Locks on one inode: whoever wants one looks at all of them. Those of sessions that ended just now still count. */
export const LOCKS_MAX = 1_000;

/** The whole file: what `flock` locks. */
export const WHOLE: Bytes = { start: 0, last: FILE_SIZE_MAX };

/** Owners are told apart within a session, and go with it. */
export function ownerOf({ session }: Looking, owner: string): LockOwner | Refusal {
  if (session === undefined) return new Refusal('EINVAL', undefined, 'no-session');
  return { session: keyOfSession(session), owner: utf8Encode(owner) };
}

/** The bytes that are meant, or undefined when they go beyond the largest file. (POSIX `fcntl`, EINVAL and EOVERFLOW) */
export function bytesOf(start: number, length: number): Bytes | undefined {
  if (length === 0) return { start, last: FILE_SIZE_MAX };
  // The sum of both may be no exact number.
  if (length - 1 > FILE_SIZE_MAX - start) return undefined;
  return { start, last: start + (length - 1) };
}

/** A session that has ended locks nothing, whether or not what it has locked is cleared away. (decision 20) */
export const isLiving = ({ sessions }: ReadContext, lock: AdvisoryLock): boolean =>
  sessions.find(sessionOf(lock)) !== undefined;

/** The first lock that forbids this one. Without an owner everybody is another. */
export function obstacle(
  context: ReadContext,
  locks: readonly AdvisoryLock[],
  wanted: LockRange & { readonly kind: LockKind },
  owner?: LockOwner,
): AdvisoryLock | undefined {
  return locks.find(
    (lock) =>
      lock.kind === wanted.kind &&
      (lock.exclusive || wanted.exclusive) &&
      overlaps(lock, wanted) &&
      !(owner !== undefined && isOwnedBy(lock, owner)) &&
      isLiving(context, lock),
  );
}
