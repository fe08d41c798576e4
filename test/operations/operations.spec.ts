import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectBuilt } from '../server/built-server';
import { Machines } from './machines';
import { blocksOf } from './page';

const PAGE = join(__dirname, '../../docs/operations.md');
const SECTIONS = [
  'Secure',
  'Start',
  'Watch',
  'Back up',
  'Restore',
  'Upgrade',
  'Reconfigure',
  'Recover',
];

jest.setTimeout(300_000);

/** docs/operations.md, line by line, as somebody does it who has never done it before. */
describe('the page of operations', () => {
  const blocks = blocksOf(readFileSync(PAGE, 'utf8'));
  let machines: Machines;

  beforeAll(async () => {
    expectBuilt();
    machines = await Machines.make();
  });

  afterAll(() => machines.remove());

  it('has something to do in each of its sections', () => {
    expect([...new Set(blocks.map(({ section }) => section))]).toEqual(SECTIONS);
  });

  it.each(SECTIONS)('says what works: %s', async (section) => {
    for (const block of blocks.filter((each) => each.section === section))
      await machines.run(block);
  });
});
