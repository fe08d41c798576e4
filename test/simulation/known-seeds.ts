import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile } from './faults/plan';
import type { Finding } from './mutants/hunt';

export const KNOWN_SEEDS_FILE = 'test/simulation/known-seeds.json';

/** Seeds that are run for ever: each has once found something. */
export interface KnownSeeds {
  /** What they found in the core, in a sentence each. They pass now, and go on passing. */
  readonly seeds: readonly {
    readonly seed: number;
    readonly profile: Profile;
    readonly ticks: number;
    readonly why: string;
  }[];
  /** Where each mutant is found. */
  readonly mutants: readonly Finding[];
}

export function readKnownSeeds(root: string): KnownSeeds {
  return JSON.parse(readFileSync(join(root, KNOWN_SEEDS_FILE), 'utf8')) as KnownSeeds;
}
