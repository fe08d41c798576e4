import { covers, intentOf, type Mode } from '../model/compatibility';
import { isCovered } from './own-uses';
import { ancestorsOf } from '../model/path';
import type { Owner } from '../model/owner';
import type { LockTables, RequestedLock } from '../model/tables';

/** One lock that a request must have: as one of its items, or above one of them. `permits` is 0 but for a semaphore. */
export interface Need {
  readonly lock: string;
  readonly mode: Mode;
  readonly permits: number;
}

type Items = readonly Pick<RequestedLock, 'lock' | 'mode' | 'permits'>[];

/** Every lock that these items touch, once: in the order of the items, each followed by what is above it. */
export function needsOf(items: Items): readonly Need[] {
  return merged(partsOf(items));
}

/** Of the same locks those that the owner has not got already. */
export function needsBeyond(tables: LockTables, owner: Owner, items: Items): readonly Need[] {
  return merged(partsOf(items).filter(({ lock, mode }) => !isCovered(tables, owner, lock, mode)));
}

function partsOf(items: Items): readonly Need[] {
  const parts: Need[] = [];
  for (const { lock, mode, permits } of items) {
    parts.push({ lock, mode, permits: mode === 'permit' ? permits : 0 });
    for (const above of ancestorsOf(lock)) {
      parts.push({ lock: above, mode: intentOf(mode), permits: 0 });
    }
  }
  return parts;
}

function merged(parts: readonly Need[]): readonly Need[] {
  if (parts.length < 2) return parts;
  const byLock = new Map<string, Need>();
  for (const part of parts) {
    const known = byLock.get(part.lock);
    byLock.set(part.lock, known === undefined ? part : both(known, part));
  }
  return [...byLock.values()];
}

/** One mode that conflicts with whatever either of them conflicts with. */
function both(one: Need, other: Need): Need {
  if (one.mode === 'permit' || covers(one.mode, other.mode)) return one;
  if (other.mode === 'permit' || covers(other.mode, one.mode)) return other;
  return { ...one, mode: 'shared-intent-exclusive' };
}
