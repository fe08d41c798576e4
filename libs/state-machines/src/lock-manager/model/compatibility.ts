import { word } from '@lockstep/vr-core';

/**
 * How a lock may be held. Intention modes say that the owner locks something below: `a` while it holds `a/b`. `permit` is
 * a share of a semaphore. Tables and messages carry the place in this list: append, never reorder. (Gray, Lorie, Putzolu
 * and Traiger, "Granularity of Locks in a Shared Data Base", 1975)
 */
export const MODES = [
  'exclusive',
  'shared',
  'update',
  'intent-shared',
  'intent-exclusive',
  'shared-intent-exclusive',
  'permit',
] as const;
export type Mode = (typeof MODES)[number];
export const modeShape = word(...MODES);

/** Modes of others that may stand beside each mode; the relation is symmetric. (locks.md I1) */
const beside: Readonly<Record<Mode, readonly Mode[]>> = {
  exclusive: [],
  shared: ['shared', 'update', 'intent-shared'],
  update: ['shared', 'intent-shared'],
  'intent-shared': [
    'shared',
    'update',
    'intent-shared',
    'intent-exclusive',
    'shared-intent-exclusive',
    'permit',
  ],
  'intent-exclusive': ['intent-shared', 'intent-exclusive', 'permit'],
  'shared-intent-exclusive': ['intent-shared'],
  permit: ['intent-shared', 'intent-exclusive', 'permit'],
};

/** What a holder of each mode may do without asking again. A permit is counted, so nothing stands for it. */
const within: Readonly<Record<Mode, readonly Mode[]>> = {
  exclusive: [
    'exclusive',
    'shared',
    'update',
    'intent-shared',
    'intent-exclusive',
    'shared-intent-exclusive',
  ],
  shared: ['shared', 'intent-shared'],
  update: ['update', 'shared', 'intent-shared'],
  'intent-shared': ['intent-shared'],
  'intent-exclusive': ['intent-exclusive', 'intent-shared'],
  'shared-intent-exclusive': [
    'shared-intent-exclusive',
    'shared',
    'intent-exclusive',
    'intent-shared',
  ],
  permit: [],
};

/** What a holder of each mode may do to everything below. */
const withinBelow: Readonly<Record<Mode, readonly Mode[]>> = {
  exclusive: within.exclusive,
  shared: within.shared,
  update: within.shared,
  'intent-shared': [],
  'intent-exclusive': [],
  'shared-intent-exclusive': within.shared,
  permit: [],
};

/** The modes, by their places in MODES, that keep an owner from each mode while another owner has them. */
const conflicts: readonly (readonly number[])[] = MODES.map((wanted) =>
  MODES.flatMap((held, at) => (beside[held].includes(wanted) ? [] : [at])),
);

/** True when `wanted` may be granted to one owner while another holds the lock in mode `held`. */
export function compatible(held: Mode, wanted: Mode): boolean {
  return beside[held].includes(wanted);
}

/** Places in MODES of what stands in the way of `wanted`. */
export function conflictsOf(wanted: Mode): readonly number[] {
  return conflicts[MODES.indexOf(wanted)] as readonly number[];
}

/** True when who holds a lock in mode `held` need not ask for `wanted` on it. */
export function covers(held: Mode, wanted: Mode): boolean {
  return within[held].includes(wanted);
}

/** True when who holds an ancestor in mode `held` need not ask for `wanted` on a lock below it. */
export function coversBelow(held: Mode, wanted: Mode): boolean {
  return withinBelow[held].includes(wanted);
}

/** How the ancestors of a lock held in this mode are held with it. */
export function intentOf(mode: Mode): 'intent-shared' | 'intent-exclusive' {
  return mode === 'shared' || mode === 'intent-shared' ? 'intent-shared' : 'intent-exclusive';
}
