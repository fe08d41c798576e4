import { readKnownSeeds } from './known-seeds';
import { simulatorOf, tryOn } from './mutants/hunt';
import { mutantNamed, MUTANTS } from './mutants/mutants';
import { passes, ROOT, SEED_TIMEOUT_MS } from './seed-runs';

const known = readKnownSeeds(ROOT);

describe('mutants are found where they were found before', () => {
  it('has a seed for every mutant', () => {
    expect(known.mutants.map((one) => one.mutant)).toEqual(MUTANTS.map((one) => one.name));
  });

  it.each(known.mutants)(
    '$mutant breaks "$rule"',
    (finding) => {
      const mutant = mutantNamed(finding.mutant);
      expect(tryOn(simulatorOf(ROOT, mutant), mutant, finding)?.rule).toBe(finding.rule);
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
