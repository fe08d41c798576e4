import type { Loss, World } from './world';

/** What a crash takes: nothing but memory; the log; or what a disk promises to keep. */
export const NOTHING: Loss = {
  name: 'with all that was written',
  log: false,
  promise: false,
  isTold: false,
  incarnation: false,
  nonce: false,
};
export const LOG: Loss = { ...NOTHING, name: 'without its log', log: true };
export const NONCE: Loss = { ...LOG, name: 'with its old nonce', incarnation: true, nonce: true };
export const FORGETFUL: Loss = {
  ...LOG,
  name: 'without promise',
  promise: true,
  incarnation: true,
};
export const FENCED: Loss = {
  ...LOG,
  name: 'fenced, without promise',
  promise: true,
  isTold: true,
};

/** The op that opens a view is one like any other, so a world without requests has an op to lose in each view. */
export const SMALLEST: Omit<World, 'name' | 'says'> = {
  expects: 'safe',
  substitutions: [],
  replicas: 3,
  members: 3,
  witnesses: 0,
  viewMax: 1,
  laterViewMax: 0,
  operations: [],
  timeoutsMax: 3,
  crashesMax: 0,
  losses: [],
  recoveringMax: 1,
  clockMax: 0,
  slowDisks: false,
  fetches: false,
  hints: false,
  neverArrive: [],
  script: [],
  statesMax: 10_000_000,
};

export const UNSAFE = { ...SMALLEST, expects: 'violation' } as const;
