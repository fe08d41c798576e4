import { join } from 'node:path';
import { DIFFERENCES, type ExplainedDifference } from './differences';
import { examine, type Examined } from './examination';
import { FAMILIES } from './families';
import { KNOWN_FAULTS } from './known-faults';
import { Machine, whyNoOracle } from './oracle/machine';
import { knows } from './state-machine';

const ROOT = join(__dirname, '../..');
const CASES_AT_LEAST = 5_000;
const WITHOUT_ORACLE = whyNoOracle();

describe('the table of rules of the file service', () => {
  let machine: Machine | undefined;
  const all: Examined[] = [];

  beforeAll(async () => {
    if (WITHOUT_ORACLE === undefined) machine = await Machine.start(ROOT);
  });
  afterAll(() => machine?.stop());

  it.each(FAMILIES)(
    'is kept in $name, and the machine differs nowhere without a reason',
    async (family) => {
      const examined = await examine(family, machine);
      all.push(...examined);
      expect(examined.length).toBeGreaterThan(0);
      expect(faultLines(examined)).toEqual([]);
      expect(differenceLines(examined)).toEqual([]);
    },
    180_000,
  );

  it('has thousands of cases, each of its own name', () => {
    const names = FAMILIES.flatMap(({ name, cases }) =>
      cases().map((each) => `${name}: ${each.name}`),
    );
    expect(names.length).toBeGreaterThan(CASES_AT_LEAST);
    expect(new Set(names).size).toBe(names.length);
  });

  it('knows of no fault that is mended', () => {
    const met = KNOWN_FAULTS.filter((fault) => all.some(({ knownFault }) => knownFault === fault));
    expect(met).toEqual(KNOWN_FAULTS);
  });

  if (WITHOUT_ORACLE !== undefined) {
    it(`was not put to the machine, for ${WITHOUT_ORACLE}`, () => {
      expect(all.every((each) => each.machine === 'not asked')).toBe(true);
    });
  } else {
    it('gives no reason for differences that nothing differs by', () => {
      // Without root many cases are left out, and another file system may be of our mind.
      const given = DIFFERENCES.filter((known) => comesFromHere(machine, known));
      const met = given.filter((known) => all.some(({ explanation }) => explanation === known));
      expect(met.map(({ rule }) => rule)).toEqual(given.map(({ rule }) => rule));
    });
  }
});

function comesFromHere(
  machine: Machine | undefined,
  { sysctl, onlyOf }: ExplainedDifference,
): boolean {
  if (machine?.facts.root !== true || machine.facts.fileSystem !== 'ext4') return false;
  if (onlyOf !== undefined && !knows(onlyOf)) return false;
  return sysctl === undefined || machine.facts.sysctl[sysctl] === 1;
}

const faultLines = (examined: readonly Examined[]): readonly string[] =>
  examined
    .filter(({ faults, knownFault }) => faults.length > 0 && knownFault === undefined)
    .map(({ each, faults }) => `${each.name}: ${faults.join('; ')}`);

const differenceLines = (examined: readonly Examined[]): readonly string[] =>
  examined
    .filter(({ machine }) => machine === 'unexplained')
    .map(({ each, differences }) => `${each.name}: ${differences.join('; ')}`);
