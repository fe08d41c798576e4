import { join } from 'node:path';
import { Machine, whyNoOracle } from './oracle/machine';
import { runRandomSequences } from './random-sequences';

const ROOT = join(__dirname, '../..');
const WITHOUT_ORACLE = whyNoOracle();

describe('random operations of several users', () => {
  if (WITHOUT_ORACLE !== undefined) {
    it(`were not put to the machine, for ${WITHOUT_ORACLE}`, () => {
      expect(WITHOUT_ORACLE).not.toBe('');
    });
    return;
  }

  it('end as on the file system of this machine, each with the same errno', async () => {
    const machine = await Machine.start(ROOT);
    try {
      await runRandomSequences(machine, { sequences: 600, seed: 20_12, lengthMax: 60 });
    } finally {
      await machine.stop();
    }
  }, 180_000);
});
