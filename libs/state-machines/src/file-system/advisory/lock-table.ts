import {
  afterPrefix,
  key,
  keyU64,
  readKeyU64,
  type ByteString,
  type SessionId,
} from '@lockstep/vr-core';
import type { LockRow } from '../model/advisory-lock';
import type { FileTree } from '../model/file-tree';
import { MARK, type Inode } from '../model/inode';
import type { Ino } from '../model/inode-type';
import { SESSION_KEY_BYTES, sessionAt } from '../model/session-key';
import type { FileTables } from '../model/tables';
import type { LockRange } from './range';

/** Second part of a key. Append, never reorder. */
const KINDS = { flock: '\x01', plock: '\x02' } as const;
export type LockKind = keyof typeof KINDS;

/** Who holds a lock. `session` is the key of a session, `owner` one of those it tells apart. */
export interface LockOwner {
  readonly session: ByteString;
  /** The bytes of its UTF-8. */
  readonly owner: ByteString;
}

export interface AdvisoryLock extends LockRange, LockOwner {
  readonly kind: LockKind;
}

/** Locks know nothing of volumes: sessions end, and inodes go, without one around them. */
type LockStore = Pick<FileTree, 'tables' | 'inodes'>;

const NOTHING = new Uint8Array(0);
const KIND_AT = 8;
const START_AT = 9;
const SESSION_AT = 17;
const OWNER_AT = SESSION_AT + SESSION_KEY_BYTES;

/** Locks on an inode, those of sessions that have ended and are not cleared away included: by kind, then by start. */
export function* locksOn({ locks }: FileTables, ino: Ino): Iterable<AdvisoryLock> {
  for (const [at, row] of locks.in(keyU64(ino)))
    yield {
      kind: at[KIND_AT] === KINDS.flock ? 'flock' : 'plock',
      start: readKeyU64(at, START_AT),
      last: row.last,
      exclusive: row.exclusive,
      session: at.slice(SESSION_AT, OWNER_AT) as ByteString,
      owner: at.slice(OWNER_AT) as ByteString,
    };
}

export const isOwnedBy = (lock: LockOwner, { session, owner }: LockOwner): boolean =>
  lock.session === session && lock.owner === owner;

export const sessionOf = ({ session }: LockOwner): SessionId => sessionAt(session, 0);

/** What an owner has locked in one way becomes `after`; what is in both, the very object, is left alone. */
export function replaceLocks(
  store: LockStore,
  inode: Inode,
  before: readonly AdvisoryLock[],
  after: readonly AdvisoryLock[],
): void {
  const { tables } = store;
  const [old, young] = [new Set(before), new Set(after)];
  for (const lock of before) if (!young.has(lock)) tables.locks.delete(lockKey(inode.ino, lock));
  for (const lock of after) {
    if (old.has(lock)) continue;
    tables.locks.put(lockKey(inode.ino, lock), rowOf(lock));
    tables.lockers.put(lockerKey(lock.session, inode.ino), NOTHING);
  }
  if (after.length === 0) forgetLockers(store, inode, before);
  else if (!inode.has('locks')) store.inodes.change(inode, { marks: inode.marksWith(MARK.locks) });
}

/** What owners of one session have locked of an inode in these ways. */
export function dropLocks(
  store: LockStore,
  inode: Inode,
  session: ByteString,
  kinds: readonly LockKind[],
): void {
  const isDropped = (lock: AdvisoryLock): boolean =>
    lock.session === session && kinds.includes(lock.kind);
  const dropped = Array.from(locksOn(store.tables, inode.ino)).filter(isDropped);
  if (dropped.length > 0) replaceLocks(store, inode, dropped, []);
}

/** The inode goes, and all locks on it. */
export function forgetLocks({ tables }: LockStore, ino: Ino): void {
  for (const lock of Array.from(locksOn(tables, ino))) {
    tables.locks.delete(lockKey(ino, lock));
    tables.lockers.delete(lockerKey(lock.session, ino));
  }
}

/** The inode with the lowest number on which owners of that session have locks. */
export function firstLocked({ lockers }: FileTables, session: ByteString): Ino | undefined {
  for (const [at] of lockers.range(session, afterPrefix(session)))
    return readKeyU64(at, SESSION_KEY_BYTES);
  return undefined;
}

/** Sessions of which nothing is left on the inode are not said to have locks on it any more, nor is the inode, in the end. */
function forgetLockers(store: LockStore, inode: Inode, gone: readonly LockOwner[]): void {
  const { tables } = store;
  const left = Array.from(locksOn(tables, inode.ino), ({ session }) => session);
  for (const { session } of gone)
    if (!left.includes(session)) tables.lockers.delete(lockerKey(session, inode.ino));
  if (left.length === 0) store.inodes.change(inode, { marks: inode.marksWith(0, MARK.locks) });
}

const rowOf = ({ exclusive, last }: AdvisoryLock): LockRow => ({ exclusive, last });

const lockKey = (ino: Ino, { kind, start, session, owner }: AdvisoryLock): ByteString =>
  key(keyU64(ino), KINDS[kind] as ByteString, keyU64(start), session, owner);

const lockerKey = (session: ByteString, ino: Ino): ByteString => key(session, keyU64(ino));
