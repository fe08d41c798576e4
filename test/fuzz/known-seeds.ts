/** Seeds whose requests once found something, and what. */
export const KNOWN_SEEDS = [
  { seed: 2, found: 'a client that hung up in the middle of a body was logged as a fault of ours' },
  { seed: 3, found: 'a change that is only tried answers 200, which the document did not say' },
] as const;
