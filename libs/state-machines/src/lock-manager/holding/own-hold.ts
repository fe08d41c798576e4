import type { LockOutcome } from '../outcomes';
import { fenceOf, holdKey, ownLockKey } from '../model/keys';
import { isSameOwner, type Owner } from '../model/owner';
import type { HoldRow, LockTables } from '../model/tables';

/** The grant of this fence, when this owner holds the lock under it; otherwise why not. */
export function ownHold(
  tables: LockTables,
  owner: Owner,
  lock: string,
  fence: bigint,
): { readonly hold: HoldRow } | { readonly refusal: LockOutcome } {
  const hold = tables.holds.get(holdKey(lock, fence));
  if (hold !== undefined && isSameOwner(hold, owner)) return { hold };
  const current = tables.sessionHolds.firstIn(ownLockKey(owner, lock));
  if (current === undefined) return { refusal: { kind: 'not-held' } };
  return { refusal: { kind: 'stale-fence', currentFence: fenceOf(current[0]) } };
}
