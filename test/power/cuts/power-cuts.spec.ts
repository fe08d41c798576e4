import { join } from 'node:path';
import { canFail } from '../failing-disk';
import { crashThenCut } from './crash-then-cut';
import { cutPower } from './power-cuts';

jest.setTimeout(180_000);

const onLinux = canFail ? describe : describe.skip;

onLinux('a power cut', () => {
  const root = join(__dirname, '../../..');

  it.each([
    ['durable', 2],
    ['replicated', 1],
  ])(
    'in mode %s leaves all that was acknowledged and nothing that was not asked for',
    async (mode, seed) => {
      const report = await cutPower({ root, seed, cuts: 60, acknowledgements: 4 });
      expect(report.mode).toBe(mode);
      expect(report.losses).toEqual([]);
      expect(report.opened).toBeGreaterThan(100);
    },
  );

  it.each([
    ['a crash between a write and its sync', 'KILL sync *-wal skip=12'],
    ['a sync that failed', 'EIO sync *-wal skip=12 times=1'],
  ])('after %s takes nothing away that the start in between has found', async (_, fault) => {
    const { found, left, reports } = await crashThenCut(root, 2, fault);
    expect(JSON.parse(left)).toEqual(JSON.parse(found));
    expect(reports).toEqual([]);
  });

  it.each([
    ['of the promise', '*/promise.*'],
    ['of the write-ahead log', '*-wal'],
    ['of the names in the folder', '*/data'],
  ])('loses something where a disk says that it has synced and has not: %s', async (_, files) => {
    const faults = [`SWALLOW sync ${files}`];
    const { losses } = await cutPower({ root, seed: 2, cuts: 60, lives: 1, faults, lossesMax: 1 });
    expect(losses).toHaveLength(1);
  });
});
