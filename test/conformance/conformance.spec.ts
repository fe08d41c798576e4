import { FAMILIES } from './families';
import { examine, type Examined } from './examination';
import { KNOWN_FAULTS } from './known-faults';

const CASES_AT_LEAST = 5_000;

describe('the table of rules of the file service', () => {
  const all: Examined[] = [];

  it.each(FAMILIES)('keeps $name', async (family) => {
    const examined = await examine(family);
    all.push(...examined);
    expect(examined.length).toBeGreaterThan(0);
    expect(linesOf(examined)).toEqual([]);
  });

  it('has thousands of cases, each of its own name', () => {
    const names = FAMILIES.flatMap(({ name, cases }) =>
      cases().map((each) => `${name}: ${each.name}`),
    );
    expect(names.length).toBeGreaterThan(CASES_AT_LEAST);
    expect(new Set(names).size).toBe(names.length);
  });

  it('knows of no fault that is mended', () => {
    const mended = KNOWN_FAULTS.filter((fault) =>
      all.every(({ knownFault }) => knownFault !== fault),
    );
    expect(mended).toEqual([]);
  });
});

const linesOf = (examined: readonly Examined[]): readonly string[] =>
  examined
    .filter(({ faults, knownFault }) => faults.length > 0 && knownFault === undefined)
    .map(({ each, faults }) => `${each.name}: ${faults.join('; ')}`);
