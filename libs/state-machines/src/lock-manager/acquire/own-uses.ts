import { covers, coversBelow, MODES, type Mode } from '../model/compatibility';
import { ancestorsOf } from '../model/path';
import { ownersKey, ownLockKey } from '../model/keys';
import type { Owner } from '../model/owner';
import type { LockTables } from '../model/tables';

/** How often one owner uses a lock in each mode, in the order of MODES: by grants, and by what it holds below. */
export function ownUses(tables: LockTables, owner: Owner, lock: string): readonly number[] {
  const uses = MODES.map(() => 0);
  const count = (mode: Mode, more: number): void => {
    const at = MODES.indexOf(mode);
    uses[at] = (uses[at] ?? 0) + more;
  };
  for (const [, { mode }] of tables.sessionHolds.in(ownLockKey(owner, lock))) count(mode, 1);
  const below = tables.sessionIntents.get(ownLockKey(owner, lock));
  if (below !== undefined) {
    count('intent-shared', below.shared);
    count('intent-exclusive', below.exclusive);
  }
  return uses;
}

/**
 * True when the owner need not ask for `mode` on this lock: it uses it, or all that is below a lock above it, in a way
 * that lets it do as much. Who is covered passes those who wait, for they wait for it.
 */
export function isCovered(tables: LockTables, owner: Owner, lock: string, mode: Mode): boolean {
  if (mode === 'permit' || !holdsAnything(tables, owner)) return false;
  const here = ownUses(tables, owner, lock);
  if (MODES.some((own, at) => (here[at] ?? 0) > 0 && covers(own, mode))) return true;
  return ancestorsOf(lock).some((above) =>
    someMode(tables, owner, above, (own) => coversBelow(own, mode)),
  );
}

function someMode(
  tables: LockTables,
  owner: Owner,
  lock: string,
  test: (mode: Mode) => boolean,
): boolean {
  for (const [, { mode }] of tables.sessionHolds.in(ownLockKey(owner, lock))) {
    if (test(mode)) return true;
  }
  return false;
}

/** Most owners ask for their first lock. */
export function holdsAnything(tables: LockTables, owner: Owner): boolean {
  return tables.sessionHolds.firstIn(ownersKey(owner)) !== undefined;
}
