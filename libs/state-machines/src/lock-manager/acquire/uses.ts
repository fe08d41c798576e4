import { intentOf, MODES, type Mode } from '../model/compatibility';
import { ancestorsOf } from '../model/path';
import { nameKey, ownLockKey } from '../model/keys';
import type { Owner } from '../model/owner';
import { FREE, UNUSED, type LockRow, type LockTables, type ModeUse } from '../model/tables';

export function lockRowOf(tables: LockTables, lock: string): LockRow {
  return tables.locks.get(nameKey(lock)) ?? FREE;
}

export function useOf(row: LockRow, mode: Mode): ModeUse {
  return row.uses[MODES.indexOf(mode)] ?? UNUSED;
}

/**
 * One grant more (or less) of a lock: it is used in that mode, and all above it in the intention that goes with it. How
 * many wait for the lock is returned.
 */
export function changeHold(
  tables: LockTables,
  owner: Owner,
  lock: string,
  mode: Mode,
  by: 1 | -1,
): number {
  const row = lockRowOf(tables, lock);
  write(tables, lock, { ...withUse(row, mode, by), holders: row.holders + by });
  for (const above of ancestorsOf(lock)) {
    const intent = intentOf(mode);
    write(tables, above, withUse(lockRowOf(tables, above), intent, by));
    changeIntent(tables, owner, above, intent, by);
  }
  return row.waiters;
}

/** What was held in one mode is held in another. */
export function changeMode(
  tables: LockTables,
  owner: Owner,
  lock: string,
  { from, to }: { from: Mode; to: Mode },
): void {
  write(tables, lock, withUse(withUse(lockRowOf(tables, lock), from, -1), to, 1));
  const [before, after] = [intentOf(from), intentOf(to)];
  if (before === after) return;
  for (const above of ancestorsOf(lock)) {
    write(tables, above, withUse(withUse(lockRowOf(tables, above), before, -1), after, 1));
    changeIntent(tables, owner, above, before, -1);
    changeIntent(tables, owner, above, after, 1);
  }
}

/** A lock stays shut to whoever its mode excludes, as if it were held so, until then; 0 opens it. */
export function setDelay(tables: LockTables, lock: string, mode: Mode, untilMs: number): void {
  const row = lockRowOf(tables, lock);
  const uses = MODES.map((each) =>
    each === mode ? { ...useOf(row, each), delayedUntilMs: untilMs } : useOf(row, each),
  );
  write(tables, lock, { ...row, uses: shortened(uses) });
}

export function changeWaiters(tables: LockTables, lock: string, by: 1 | -1): void {
  const row = lockRowOf(tables, lock);
  write(tables, lock, { ...row, waiters: row.waiters + by });
}

function withUse(row: LockRow, mode: Mode, by: 1 | -1): LockRow {
  const at = MODES.indexOf(mode);
  const uses = row.uses.slice();
  while (uses.length <= at) uses.push(UNUSED);
  const use = uses[at] ?? UNUSED;
  uses[at] = { holders: use.holders + by, delayedUntilMs: use.delayedUntilMs };
  return { uses: shortened(uses), holders: row.holders, waiters: row.waiters };
}

/** Without the unused modes at the end: most locks are used in the first one alone. */
function shortened(uses: readonly ModeUse[]): readonly ModeUse[] {
  let length = uses.length;
  while (length > 0 && !isUsed(uses[length - 1] ?? UNUSED)) length -= 1;
  return uses.slice(0, length);
}

function isUsed({ holders, delayedUntilMs }: ModeUse): boolean {
  return holders > 0 || delayedUntilMs > 0;
}

function changeIntent(
  tables: LockTables,
  owner: Owner,
  lock: string,
  intent: ReturnType<typeof intentOf>,
  by: 1 | -1,
): void {
  const at = ownLockKey(owner, lock);
  const { shared, exclusive } = tables.sessionIntents.get(at) ?? { shared: 0, exclusive: 0 };
  const isShared = intent === 'intent-shared';
  const next = isShared
    ? { shared: shared + by, exclusive }
    : { shared, exclusive: exclusive + by };
  if (next.shared + next.exclusive > 0) tables.sessionIntents.put(at, next);
  else tables.sessionIntents.delete(at);
}

/** A lock that nobody uses leaves nothing behind. (locks.md I7) */
function write(tables: LockTables, lock: string, row: LockRow): void {
  if (row.waiters > 0 || row.uses.some(isUsed)) tables.locks.put(nameKey(lock), row);
  else tables.locks.delete(nameKey(lock));
}
