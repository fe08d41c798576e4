import { compatible, intentOf, type Mode } from '../model/compatibility';
import type { Need } from './needs';
import { fenceOf, lockOf, rowsBelow, rowsOf } from '../model/keys';
import { isSameOwner, type Owner } from '../model/owner';
import type { HoldRow, LockTables } from '../model/tables';
import { lockRowOf, useOf } from './uses';

/** A grant that is in somebody's way. */
export interface User {
  readonly lock: string;
  readonly fence: bigint;
  readonly hold: HoldRow;
}

/** Every grant that keeps others from using a lock in this mode: of the lock itself, then of what is below it. */
export function* usersOf(
  tables: LockTables,
  { lock, mode }: Omit<Need, 'permits'>,
): Iterable<User> {
  for (const [at, hold] of tables.holds.in(rowsOf(lock))) {
    if (!compatible(hold.mode, mode)) yield { lock, fence: fenceOf(at), hold };
  }
  if (!isUsedBelow(tables, lock, mode)) return;
  for (const [at, hold] of tables.holds.in(rowsBelow(lock))) {
    if (!compatible(intentOf(hold.mode), mode))
      yield { lock: lockOf(at), fence: fenceOf(at), hold };
  }
}

/** Every grant of permits of a semaphore. */
export function* permitUsersOf(tables: LockTables, lock: string): Iterable<User> {
  for (const [at, hold] of tables.holds.in(rowsOf(lock))) {
    if (hold.mode === 'permit') yield { lock, fence: fenceOf(at), hold };
  }
}

/** The first grant in the way of a need, of another owner than `except`. */
export function firstUser(tables: LockTables, need: Need, except?: Owner): User | undefined {
  for (const user of usersOf(tables, need)) {
    if (except === undefined || !isSameOwner(user.hold, except)) return user;
  }
  if (need.permits === 0) return undefined;
  for (const user of permitUsersOf(tables, need.lock)) return user;
  return undefined;
}

/** Somebody holds something below, in a way that is in the way here. */
function isUsedBelow(tables: LockTables, lock: string, mode: Mode): boolean {
  const row = lockRowOf(tables, lock);
  return (['intent-shared', 'intent-exclusive'] as const).some(
    (intent) => !compatible(intent, mode) && useOf(row, intent).holders > 0,
  );
}
