import type { Item } from '../operations';
import type { LockOutcome } from '../outcomes';
import { nameKey, queueOf } from '../model/keys';
import type { LockTables, SemaphoreRow } from '../model/tables';

/** Why these permits can't be asked for; undefined when they can. Whoever asks first says how many there are. */
export function permitsRefused(tables: LockTables, item: Item): LockOutcome | undefined {
  const { lock, permits } = item;
  const limit = tables.semaphores.get(nameKey(lock))?.limit ?? item.limit;
  if (limit === undefined) return { kind: 'limit-missing', lock };
  if (item.limit !== undefined && item.limit !== limit) {
    return { kind: 'limit-conflict', lock, limit };
  }
  return permits > limit ? { kind: 'too-many-permits', lock, limit } : undefined;
}

/** The semaphore is in use from here on, as its first user says. */
export function openSemaphore(tables: LockTables, { lock, limit }: Item): void {
  const at = nameKey(lock);
  if (limit === undefined || tables.semaphores.get(at) !== undefined) return;
  tables.semaphores.put(at, { limit, used: 0, pinned: 0 });
}

export function permitsLeft(tables: LockTables, lock: string): number {
  const row = tables.semaphores.get(nameKey(lock));
  return row === undefined ? 0 : row.limit - row.used;
}

export function takePermits(tables: LockTables, lock: string, permits: number): void {
  const row = semaphoreOf(tables, lock);
  tables.semaphores.put(nameKey(lock), { ...row, used: row.used + permits });
}

export function givePermits(tables: LockTables, lock: string, permits: number): void {
  const row = semaphoreOf(tables, lock);
  tables.semaphores.put(nameKey(lock), { ...row, used: row.used - permits });
  closeSemaphore(tables, lock);
}

/** One that nobody uses, waits for, or has set by itself, is forgotten: the next user says anew how many there are. */
export function closeSemaphore(tables: LockTables, lock: string): void {
  const row = tables.semaphores.get(nameKey(lock));
  if (row === undefined || row.pinned === 1 || row.used > 0) return;
  if (tables.waiters.firstIn(queueOf(lock, 'permit')) === undefined) {
    tables.semaphores.delete(nameKey(lock));
  }
}

function semaphoreOf(tables: LockTables, lock: string): SemaphoreRow {
  const row = tables.semaphores.get(nameKey(lock));
  if (row === undefined) throw new RangeError(`${lock} has permits out, and is no semaphore`);
  return row;
}
