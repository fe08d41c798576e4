import { random } from '../../server/storage-fixture';
import type { Unsynced } from './cut-disk';

/**
 * What of the unsynced changes has arrived when the power goes: none; all; those before one of them; the same, and of the
 * next some sectors; any of them.
 */
export const arrivalKinds = ['none', 'all', 'prefix', 'torn', 'any'] as const;

export interface Arrival {
  readonly kind: (typeof arrivalKinds)[number];
  readonly seed: number;
}

/** What a disk writes at once. (512 bytes: less than any that is in use has) */
const SECTOR = 512;

export function arrived({ kind, seed }: Arrival, unsynced: readonly Unsynced[]): Unsynced[] {
  const next = random(seed + 1);
  switch (kind) {
    case 'none':
      return [];
    case 'all':
      return [...unsynced];
    case 'prefix':
      return unsynced.slice(0, next(unsynced.length + 1));
    case 'torn': {
      const whole = next(unsynced.length + 1);
      const last = unsynced[whole];
      return [...unsynced.slice(0, whole), ...(last === undefined ? [] : torn(last, next))];
    }
    case 'any':
      return unsynced.flatMap((change) => {
        const draw = next(3);
        if (draw === 0) return [];
        return draw === 1 ? [change] : torn(change, next);
      });
  }
}

/** Some sectors of a write: a beginning, or any of them. Names and sizes arrive whole (rename(2)). */
function torn(change: Unsynced, next: (below: number) => number): Unsynced[] {
  if (change.kind !== 'write') return [change];
  const { file, at, bytes } = change;
  const pieces: Unsynced[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = Math.min(bytes.length, from + SECTOR - ((at + from) % SECTOR));
    pieces.push({ kind: 'write', file, at: at + from, bytes: bytes.subarray(from, to) });
    from = to;
  }
  if (next(2) === 0) return pieces.slice(0, next(pieces.length));
  return pieces.filter(() => next(2) === 0);
}
