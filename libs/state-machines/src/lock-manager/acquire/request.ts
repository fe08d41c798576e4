import { holdKey, nameKey } from '../model/keys';
import type { HoldRow, LockTables, RequestedLock, RequestRow } from '../model/tables';

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
  const held: HeldItem[] = [];
  for (const item of items) {
    const { fence } = item;
    if (fence === undefined) continue;
    const hold = tables.holds.get(holdKey(item.lock, fence));
    if (hold?.requests[0] === name) held.push({ ...item, fence, hold });
  }
  return held;
}

/** `hold`: its row, where that has been read. */
export type HeldItem = RequestedLock & { readonly fence: bigint; readonly hold?: HoldRow };

/** The request with one of its items as it is now. */
export function withItem(request: RequestRow, changed: RequestedLock): RequestRow {
  const items = request.items.map((item) => (item.lock === changed.lock ? changed : item));
  return { ...request, items };
}
