import { MODES, type Mode, type ModeUse } from './compatibility';
import { FREE, nameKey, UNUSED, type LockRow, type LockTables } from './tables';

export function lockRowOf(tables: LockTables, lock: string): LockRow {
  return tables.locks.get(nameKey(lock)) ?? FREE;
}

export function useOf(row: LockRow, mode: Mode): ModeUse {
  return row.uses[MODES.indexOf(mode)] ?? UNUSED;
}

export function changeUse(
  tables: LockTables,
  lock: string,
  mode: Mode,
  change: (use: ModeUse) => ModeUse,
): void {
  const row = lockRowOf(tables, lock);
  const uses = MODES.map((each) => (each === mode ? change(useOf(row, each)) : useOf(row, each)));
  write(tables, lock, { ...row, uses });
}

export function changeHolders(tables: LockTables, lock: string, mode: Mode, by: 1 | -1): void {
  changeUse(tables, lock, mode, (use) => ({ ...use, holders: use.holders + by }));
}

export function changeWaiters(tables: LockTables, lock: string, by: 1 | -1): void {
  const row = lockRowOf(tables, lock);
  write(tables, lock, { ...row, waiters: row.waiters + by });
}

/** A lock that nobody uses leaves nothing behind. (locks.md I7) */
function write(tables: LockTables, lock: string, row: LockRow): void {
  const inUse =
    row.waiters > 0 || row.uses.some((use) => use.holders > 0 || use.delayedUntilMs > 0);
  if (inUse) tables.locks.put(nameKey(lock), row);
  else tables.locks.delete(nameKey(lock));
}
