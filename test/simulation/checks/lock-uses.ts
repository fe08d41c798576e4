import type { Mode } from '@lockstep/state-machines';

/** What a hold makes of one lock: the lock itself, or one above it. */
export interface LockUse {
  readonly lock: string;
  readonly mode: Mode;
}

/** Pairs of modes in which two owners may use one lock, written down once more so that a slip in the table is found. */
const PAIRS: readonly (readonly [Mode, Mode])[] = [
  ['shared', 'shared'],
  ['shared', 'update'],
  ['shared', 'intent-shared'],
  ['update', 'intent-shared'],
  ['intent-shared', 'intent-shared'],
  ['intent-shared', 'intent-exclusive'],
  ['intent-shared', 'shared-intent-exclusive'],
  ['intent-shared', 'permit'],
  ['intent-exclusive', 'intent-exclusive'],
  ['intent-exclusive', 'permit'],
  ['permit', 'permit'],
];

export function goTogether(one: LockUse, other: LockUse): boolean {
  if (one.lock !== other.lock) return true;
  return PAIRS.some(
    ([a, b]) => (a === one.mode && b === other.mode) || (b === one.mode && a === other.mode),
  );
}

/** A lock that is held so, and those above it, which are held by intention. */
export function withAbove({ lock, mode }: LockUse): readonly LockUse[] {
  const intent =
    mode === 'shared' || mode === 'intent-shared' ? 'intent-shared' : 'intent-exclusive';
  const parts = lock.split('/');
  const above = parts.slice(1).map((_, n) => parts.slice(0, n + 1).join('/'));
  return [{ lock, mode }, ...above.map((name) => ({ lock: name, mode: intent }) as const)];
}
