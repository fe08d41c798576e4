import { readKnownSeeds } from './known-seeds';
import { hunt } from './mutants/hunt';
import { mutantNamed, MUTANTS } from './mutants/mutants';
import { passes, ROOT, SEED_TIMEOUT_MS } from './seed-runs';

const known = readKnownSeeds(ROOT);

/**
 * Any change of the core changes what happens under a seed, so the rule may be broken some seeds later. When that is
 * far away, record anew: npm run mutants -- --record.
 */
const SEEDS_AFTER_MAX = 40;

describe('mutants are found where they were found before, or not far from there', () => {
  it('has a seed for every mutant', () => {
    expect(known.mutants.map((one) => one.mutant)).toEqual(MUTANTS.map((one) => one.name));
  });

  it.each(known.mutants)(
    '$mutant',
    ({ mutant, seed }) => {
      expect(hunt(ROOT, mutantNamed(mutant), SEEDS_AFTER_MAX, seed)?.rule).toBeDefined();
    },
    SEED_TIMEOUT_MS,
  );
});

describe('the true core passes where the mutants do not', () => {
  passes(known.mutants.filter((one, at, all) => all.findIndex((o) => o.seed === one.seed) === at));
});

describe('seeds that once found a fault in the core', () => {
  it('names what each of them found', () => {
    expect(known.seeds.every(({ why }) => why.length > 0)).toBe(true);
  });
  if (known.seeds.length > 0) passes(known.seeds);
});
