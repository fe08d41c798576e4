/** Bytes of a file from `start` to `last`, both included, locked by one owner. */
export interface LockRange {
  readonly start: number;
  readonly last: number;
  readonly exclusive: boolean;
}

/** Bytes, whatever is locked of them. */
export type Bytes = Pick<LockRange, 'start' | 'last'>;

export const overlaps = (one: Bytes, other: Bytes): boolean =>
  one.start <= other.last && other.start <= one.last;

/** What is left of an owner's ranges without those bytes: a range may lose an end, or its middle; the others are as given. */
export function withoutBytes<R extends LockRange>(
  ranges: readonly R[],
  bytes: Bytes,
): readonly R[] {
  return ranges.flatMap((range) => {
    if (!overlaps(range, bytes)) return [range];
    const before = range.start < bytes.start ? [{ ...range, last: bytes.start - 1 }] : [];
    const after = range.last > bytes.last ? [{ ...range, start: bytes.last + 1 }] : [];
    return [...before, ...after];
  });
}

/**
 * An owner's ranges, which are apart from each other, once one more is locked: it takes the place of what was locked of
 * its bytes, and becomes one with its neighbours of the same mode. (POSIX `fcntl`, F_SETLK)
 */
export function withRange<R extends LockRange>(ranges: readonly R[], range: R): readonly R[] {
  let { start, last } = range;
  const apart: R[] = [];
  for (const other of withoutBytes(ranges, range)) {
    const sameMode = other.exclusive === range.exclusive;
    if (sameMode && other.last + 1 === range.start) ({ start } = other);
    else if (sameMode && other.start === range.last + 1) ({ last } = other);
    else apart.push(other);
  }
  return [...apart, { ...range, start, last }].sort((a, b) => a.start - b.start);
}
