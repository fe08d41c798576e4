/** Seeds whose requests once found something, and what. */
export const KNOWN_SEEDS = [
  { seed: 1, found: 'a volume that was not there, asked for in the op of a snapshot of main: 500' },
  { seed: 2, found: 'a client that hung up in the middle of a body was logged as a fault of ours' },
  { seed: 3, found: 'a change that is only tried answers 200, which the document did not say' },
] as const;
