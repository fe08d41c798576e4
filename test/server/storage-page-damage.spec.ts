import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { opNumber, type Life } from '@lockstep/vr-core';
import { FileStorage } from '../../apps/server/src/storage/file-storage';
import type { StorageReport } from '../../apps/server/src/storage/replica-storage';
import {
  append,
  chain,
  checkpointAt,
  fileFixture,
  hashes,
  openedWith,
  optionsOf,
  pagesOf,
  pagesStore,
  placeOf,
  random,
  stored,
  storeOf,
} from './storage-fixture';

const DATABASE = 'replica.sqlite';
const TABLE = 'counter/values';
const PAGES = 60;

const entries = chain([], 60);
const base = placeOf(entries[19]!);
/** Pages of even number are of the first checkpoint, the others of the second; none is like another. */
const textOf = (page: number, round: number) => `<${page} of ${round}>`.repeat(20 + page);
const inForce = Object.fromEntries(
  Array.from({ length: PAGES }, (_, page) => [`${TABLE} ${page}`, textOf(page, page % 2)]),
);

describe('damage to pages and to the log beside them (E42)', () => {
  let folder: string;
  let whole: string;
  let scratch: string;
  let copies = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-page-damage-'));
    const fixture = await fileFixture();
    const storage = fixture.start('durable');
    await openedWith(storage);
    const all = Array.from({ length: PAGES }, (_, page) => page);
    const pagesIn = (round: number) =>
      Object.fromEntries(
        all
          .filter((page) => round === 0 || page % 2 === 1)
          .map((page) => [page, textOf(page, round)]),
      );
    for (const entry of entries.slice(0, 30))
      await stored(storage, append([entry], { commitNumber: opNumber(entry.opNumber - 1) }));
    for (const [op, round] of [
      [16, 0],
      [32, 1],
    ] as const) {
      await stored(storage, pagesStore(op, pagesOf(pagesIn(round))));
      await stored(
        storage,
        storeOf(undefined, { checkpoint: checkpointAt(op), commitNumber: opNumber(29) }),
      );
    }
    for (const entry of entries.slice(30))
      await stored(storage, append([entry], { base, commitNumber: opNumber(entry.opNumber - 1) }));
    await storage.close();
    whole = join(folder, 'whole');
    await cp(fixture.folder(), whole, { recursive: true });
    await fixture.dispose();
  });

  beforeEach(async () => {
    copies += 1;
    scratch = join(folder, `copy-${copies}`);
    await cp(whole, scratch, { recursive: true });
  });

  afterEach(() => rm(scratch, { recursive: true, force: true }));

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const flip = async (at: number, bit: number) => {
    const path = join(scratch, DATABASE);
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
    await writeFile(path, bytes);
  };

  const openAgain = async () => {
    const reports: StorageReport[] = [];
    const storage = new FileStorage(
      optionsOf(scratch, 'durable', (report) => void reports.push(report)),
    );
    const found = await openedWith(storage);
    await storage.close();
    return { ...found, texts: reports.map(({ text }) => text).join('\n') };
  };

  /** What is given is what was written, and what is missing is told. */
  const expectNoOther = ({
    life,
    pages,
  }: {
    life: Life;
    pages: Readonly<Record<string, string>>;
  }) => {
    const { log } = life;
    if (log.kind !== 'intact') {
      expect([log.kind, pages]).toEqual(['lost', {}]);
      return;
    }
    for (const [name, text] of Object.entries(pages)) expect(text).toBe(inForce[name]);
    if (log.stateWhole) expect(pages).toEqual(inForce);
    expect(log.checkpoint).toEqual(log.stateWhole ? checkpointAt(32) : undefined);
    expect(log.base).toEqual(base);
    const found = [...log.entries, ...log.beyond];
    expect(hashes(found)).toEqual(found.map((entry) => entries[entry.opNumber - 1]?.hash));
    expect(hashes(log.entries)).toEqual(hashes(entries).slice(20, 20 + log.entries.length));
    expect(found.at(-1)?.opNumber).toBe(60);
    expect(log.commitNumber).toBe(59);
  };

  it('finds all in the folder that was not damaged', async () => {
    const found = await openAgain();
    expect(found.pages).toEqual(inForce);
    expect(found.life.log).toMatchObject({ stateWhole: true, beyond: [] });
    expectNoOther(found);
    expect(found.texts).toBe('');
  });

  describe('a flipped bit anywhere', () => {
    const next = random(0x5eed_0001);
    const draws = Array.from({ length: 60 }, () => [next(1 << 30), next(8)] as const);

    it.each(draws)('at %i, bit %i, gives nothing else', async (draw, bit) => {
      const { size } = await stat(join(scratch, DATABASE));
      await flip(draw % size, bit);
      expectNoOther(await openAgain());
    });
  });

  it('without a page goes on with the others, says so, and keeps the log', async () => {
    const bytes = await readFile(join(scratch, DATABASE));
    await flip(bytes.indexOf(textOf(17, 1)) + 30, 3);
    const found = await openAgain();
    const { [`${TABLE} 17`]: _, ...others } = inForce;
    expect(found.pages).toEqual(others);
    expect(found.life.log).toMatchObject({ stateWhole: false, checkpoint: undefined, beyond: [] });
    expect(hashes(found.life.log.kind === 'intact' ? found.life.log.entries : [])).toEqual(
      hashes(entries).slice(20),
    );
    expect(found.texts).toContain('the state is not whole: 1 pages are damaged');
  });

  it('is made whole again by a transfer of what is missing', async () => {
    const bytes = await readFile(join(scratch, DATABASE));
    await flip(bytes.indexOf(textOf(17, 1)) + 30, 3);
    const storage = new FileStorage(optionsOf(scratch, 'durable'));
    await openedWith(storage);
    await stored(storage, pagesStore(40, pagesOf({ 17: 'fetched' }), true));
    await stored(
      storage,
      storeOf(undefined, { checkpoint: checkpointAt(40), base, commitNumber: opNumber(59) }),
    );
    await storage.close();
    const { life, pages } = await openAgain();
    expect(pages).toEqual({ ...inForce, [`${TABLE} 17`]: 'fetched' });
    expect(life.log).toMatchObject({ stateWhole: true, checkpoint: checkpointAt(40) });
  });

  it('without the record of the checkpoint takes all pages for what they may be, and is made whole', async () => {
    const bytes = await readFile(join(scratch, DATABASE));
    await flip(bytes.indexOf(checkpointAt(32).id, 0, 'latin1'), 1);
    const storage = new FileStorage(optionsOf(scratch, 'durable'));
    const { life, pages } = await openedWith(storage);
    expect(pages).toEqual(inForce);
    expect(life.log).toMatchObject({ stateWhole: false, checkpoint: undefined });
    await stored(storage, pagesStore(40, pagesOf({ 17: 'fetched' }), true));
    await stored(
      storage,
      storeOf(undefined, { checkpoint: checkpointAt(40), base, commitNumber: opNumber(59) }),
    );
    await stored(storage, pagesStore(48, pagesOf({ 18: 'never in force' })));
    await storage.close();
    const again = await openAgain();
    expect(again.pages).toEqual({ ...inForce, [`${TABLE} 17`]: 'fetched' });
    expect(again.life.log).toMatchObject({ stateWhole: true, checkpoint: checkpointAt(40) });
  });

  it('gives a damaged page to nobody who asks for it', async () => {
    const storage = new FileStorage(optionsOf(scratch, 'durable'));
    await openedWith(storage);
    const bytes = await readFile(join(scratch, DATABASE));
    // SQLite has the first pages of the file in memory now: the last are read when they are asked for.
    await flip(bytes.lastIndexOf(textOf(59, 1)) + 30, 3);
    const found = await storage.load([
      { table: TABLE, page: 58 },
      { table: TABLE, page: 59 },
    ]);
    const texts = found.map((one) => one && Buffer.from(one).toString());
    expect([undefined, textOf(59, 1)]).toContain(texts[1]);
    expect(texts[0]).toBe(textOf(58, 0));
    await storage.close();
  });

  it('with a damaged entry has what was committed before it and all that follows it', async () => {
    const bytes = await readFile(join(scratch, DATABASE));
    const at = bytes.lastIndexOf(entries[34]!.encoded);
    await flip(at + 12, 1);
    const { life, texts } = await openAgain();
    if (life.log.kind !== 'intact') throw new Error('lost');
    expect(hashes(life.log.entries)).toEqual(hashes(entries).slice(20, 33));
    expect(hashes(life.log.beyond)).toEqual(hashes(entries).slice(35));
    expect(texts).toContain('1 writes of the log are damaged');
  });

  it('with a damaged row of whole entries has all of them', async () => {
    const bytes = await readFile(join(scratch, DATABASE));
    const at = bytes.lastIndexOf(entries[34]!.encoded);
    // Behind the blob stand its view and commit-number.
    await flip(at + entries[34]!.encoded.length + 1, 0);
    const { life } = await openAgain();
    expect(life.log).toMatchObject({ kind: 'intact', beyond: [] });
    expect(hashes(life.log.kind === 'intact' ? life.log.entries : [])).toEqual(
      hashes(entries).slice(20),
    );
  });

  it('with a damaged head has no log at all', async () => {
    const bytes = await readFile(join(scratch, DATABASE));
    await flip(bytes.lastIndexOf(entries[59]!.encoded) + 12, 1);
    const { life, pages, texts } = await openAgain();
    expect([life.log, pages]).toEqual([{ kind: 'lost' }, {}]);
    expect(texts).toContain('the end of the log is damaged');
  });
});
