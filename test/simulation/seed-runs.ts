import { join } from 'node:path';
import { PROFILES, type Profile } from './faults/plan';
import { simulatorOf } from './mutants/hunt';
import type { Report } from './simulation';

export const ROOT = join(__dirname, '../..');

/** Long enough for several faults of each kind, short enough for a hundred seeds in a test run. */
export const SHORT_TICKS = 600;

/** A slow machine under load gets so long for one seed. */
export const SEED_TIMEOUT_MS = 120_000;

export interface SeedRun {
  readonly seed: number;
  readonly profile: Profile;
  readonly ticks: number;
}

/** Calm, rough and harsh in turn. */
export function shortRun(seed: number): SeedRun {
  return { seed, profile: PROFILES[seed % PROFILES.length] ?? 'harsh', ticks: SHORT_TICKS };
}

/** A test for each seed. The simulator is loaded outside the test runner's sandbox, where it is three times quicker. */
export function passes(runs: readonly SeedRun[]): void {
  let simulate: ((run: SeedRun) => Report) | undefined;
  beforeAll(() => {
    simulate = simulatorOf(ROOT, undefined);
  });
  it.each(runs)(
    'seed $seed, $profile',
    (run) => {
      expect(simulate?.(run).violation).toBeUndefined();
    },
    SEED_TIMEOUT_MS,
  );
}
