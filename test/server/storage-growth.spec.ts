import { cp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { opNumber } from '@lockstep/vr-core';
import { DatabaseFile } from '../../apps/server/src/storage/database-file';
import {
  append,
  chain,
  checkpointAt,
  fileFixture,
  openedWith,
  pagesOf,
  pagesStore,
  placeOf,
  stored,
  storeOf,
  type FileFixture,
} from './storage-fixture';

const PAGES = 200;
const ENTRIES_A_ROUND = 40;
const ROUNDS = 40;

describe('the database file', () => {
  let fixture: FileFixture;

  beforeEach(async () => {
    fixture = await fileFixture();
  });

  afterEach(() => fixture.dispose());

  const size = async () => (await stat(join(fixture.folder(), 'replica.sqlite'))).size;

  const countRows = async () => {
    const copy = `${fixture.folder()}-copy`;
    await cp(fixture.folder(), copy, { recursive: true });
    const file = await DatabaseFile.open(join(copy, 'replica.sqlite'));
    const [pages] = await file.query('SELECT count(*) AS count FROM page', []);
    const [flushes] = await file.query('SELECT count(*) AS count FROM flush', []);
    await file.close();
    return { pages: pages?.['count'], flushes: Number(flushes?.['count']) };
  };

  it('holds the state, the log behind it and little else, however many checkpoints there were', async () => {
    const storage = fixture.start('durable');
    await openedWith(storage);
    const entries = chain([], ROUNDS * ENTRIES_A_ROUND);
    const sizes: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const op = round * ENTRIES_A_ROUND;
      const base = round === 1 ? {} : { base: placeOf(entries[op - ENTRIES_A_ROUND - 1]!) };
      const texts: Record<number, string> = {};
      for (let page = round % 2; page < PAGES; page += 2) texts[page] = `${round}`.repeat(1500);
      const written = pagesOf(texts);
      for (let at = 0; at < ENTRIES_A_ROUND; at += 1) {
        const entry = entries[op - ENTRIES_A_ROUND + at]!;
        void stored(
          storage,
          append([entry], { ...base, commitNumber: opNumber(op - ENTRIES_A_ROUND) }),
        );
        const piece = written.slice(at * 4, at * 4 + 4);
        if (piece.length > 0) await stored(storage, pagesStore(op, piece));
      }
      await stored(storage, storeOf(undefined, { checkpoint: checkpointAt(op), ...base }));
      sizes.push(await size());
    }
    expect(sizes.at(-1)).toBeLessThan(1.2 * sizes[19]!);
    const before = await countRows();
    await fixture.kill();
    const again = fixture.start('durable');
    expect((await openedWith(again)).life.log).toMatchObject({ stateWhole: true });
    expect(before.flushes).toBeLessThan(3 * ENTRIES_A_ROUND);
    expect(before.pages).toBeLessThan(3 * PAGES);
    await again.close();
    expect(await readdir(fixture.folder())).toContain('replica.sqlite');
  }, 60_000);
});
