import { holdKey, nameKey } from './keys';
import type { HoldRow, LockTables, RequestedLock, RequestRow } from './tables';

/** A request that a table names: it is there. */
export function requestOf(tables: LockTables, name: string): RequestRow {
  const request = tables.requests.get(nameKey(name));
  if (request === undefined) throw new RangeError(`${name} holds or waits, and is unknown`);
  return request;
}

/** The grant of a fence that stands. */
export function holdOf(tables: LockTables, lock: string, fence: bigint): HoldRow {
  const row = tables.holds.get(holdKey(lock, fence));
  if (row === undefined) throw new RangeError(`${lock} is not held under fence ${fence}`);
  return row;
}

/** Its items that are still held under the fences they were granted with. */
export function heldItems(
  tables: LockTables,
  name: string,
  { items }: RequestRow,
): readonly HeldItem[] {
  return items.filter(
    (item): item is HeldItem =>
      item.fence !== undefined &&
      tables.holds.get(holdKey(item.lock, item.fence))?.requests[0] === name,
  );
}

export type HeldItem = RequestedLock & { readonly fence: bigint };

/** The request with one of its items as it is now. */
export function withItem(request: RequestRow, changed: RequestedLock): RequestRow {
  const items = request.items.map((item) => (item.lock === changed.lock ? changed : item));
  return { ...request, items };
}
