import { PAGE_MAX } from '../queries';

/** As many as one answer holds. */
export function firstOf<T>(rows: Iterable<T>): T[] {
  const first: T[] = [];
  for (const row of rows) {
    first.push(row);
    if (first.length === PAGE_MAX) break;
  }
  return first;
}
