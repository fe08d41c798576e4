import { join } from 'node:path';
import { DIFFERENCES } from './differences';
import { examine, type Examined } from './examination';
import { FAMILIES } from './families';
import { Machine, whyNoOracle } from './oracle/machine';

const ROOT = join(__dirname, '../..');
const missing = whyNoOracle();

if (missing !== undefined) {
  it(`the file system of this machine is not asked, for ${missing}`, () => {
    expect(missing).not.toBe('');
  });
} else {
  describe('the file system of this machine', () => {
    let machine: Machine;
    const all: Examined[] = [];

    beforeAll(async () => {
      machine = await Machine.start(ROOT);
    });
    afterAll(() => machine.stop());

    it.each(FAMILIES)(
      'differs in $name nowhere without a reason',
      async (family) => {
        const examined = await examine(family, machine);
        all.push(...examined);
        expect(
          examined
            .filter((each) => each.machine === 'unexplained')
            .map(({ each, differences }) => `${each.name}: ${differences.join('; ')}`),
        ).toEqual([]);
      },
      120_000,
    );

    it('differs by every reason that is given for differences', () => {
      // Without root many cases are left out, and elsewhere another file system may be of our mind.
      const isOurs = machine.facts.root && machine.facts.fileSystem === 'ext4';
      const given = DIFFERENCES.filter(({ sysctl }) =>
        isOurs ? sysctl === undefined || machine.facts.sysctl[sysctl] === 1 : false,
      );
      const met = given.filter((known) => all.some(({ explanation }) => explanation === known));
      expect(met.map(({ rule }) => rule)).toEqual(given.map(({ rule }) => rule));
    });
  });
}
