import { cp, mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { opNumber, type Life, type Store } from '@lockstep/vr-core';
import { FileStorage } from '../../apps/server/src/storage/file-storage';
import {
  append,
  chain,
  checkpointAt,
  fileFixture,
  hashes,
  logOf,
  openedWith,
  optionsOf,
  pagesOf,
  pagesStore,
  placeOf,
  stored,
  storeOf,
} from './storage-fixture';

const WAL = 'replica.sqlite-wal';
/** sqlite.org/fileformat2.html, "The Write-Ahead Log": a header, then frames of a header and a page each. */
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const PAGE_BYTES = 4096;
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;

/** What a start can find: the text of the pages, and which checkpoint they are. */
interface Found {
  readonly pages: Readonly<Record<string, string>>;
  readonly checkpointOp: number | undefined;
  readonly stateWhole: boolean;
}

const entries = chain([], 40);
const textOf = (page: number, round: number) => `${round}`.repeat(250 + page);
const changed = (round: number) =>
  Object.fromEntries(
    Array.from({ length: 24 }, (_, page) => page)
      .filter((page) => page % round === 0)
      .map((page) => [page, page % 7 === round ? undefined : textOf(page, round)]),
  );

/** A checkpoint in pieces among entries of the log, and what it is in force with. */
function checkpointOf(round: number, isTransfer = false): readonly Store[] {
  const op = 8 * round;
  const pages = pagesOf(changed(round));
  const pieces = [pages.slice(0, 5), pages.slice(5, 9), pages.slice(9)];
  const base = placeOf(entries[op - 5]!);
  const kept = base.opNumber;
  return pieces.flatMap((piece, at) => [
    pagesStore(op, piece, isTransfer),
    append([entries[op + at]!], { commitNumber: opNumber(kept) }),
    ...(at === 2
      ? [storeOf(undefined, { checkpoint: checkpointAt(op), commitNumber: opNumber(op) })]
      : []),
    ...(at === 2 ? [storeOf(undefined, { base, commitNumber: opNumber(op) })] : []),
  ]);
}

describe('a crash', () => {
  let base: string;
  let copies = 0;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'lockstep-crash-'));
  });

  afterAll(() => rm(base, { recursive: true, force: true }));

  const openCopy = async (folder: string): Promise<Found & { readonly life: Life }> => {
    const storage = new FileStorage(optionsOf(folder, 'durable'));
    const { life, pages } = await openedWith(storage);
    await storage.close();
    const { log } = life;
    if (log.kind !== 'intact') throw new Error(`the log is ${log.kind}`);
    return { life, pages, checkpointOp: log.checkpoint?.opNumber, stateWhole: log.stateWhole };
  };

  /** A folder whose write-ahead log ends after so many bytes, as a power cut leaves it: the unsynced mark is gone too. */
  const cutAt = async (folder: string, bytes: number): Promise<string> => {
    copies += 1;
    const copy = join(base, `copy-${copies}`);
    await cp(folder, copy, { recursive: true });
    await truncate(join(copy, WAL), bytes);
    await rm(join(copy, 'flushed'));
    return copy;
  };

  /** Every place at which the write-ahead log can end, and some within a frame. */
  const cuts = async (folder: string, from: number): Promise<number[]> => {
    const { length } = await readFile(join(folder, WAL));
    const places: number[] = [];
    for (let at = from; at <= length; at += FRAME_BYTES) {
      places.push(at);
      if ((at - from) % (7 * FRAME_BYTES) === 0 && at > from) places.push(at - 1000);
    }
    return places;
  };

  const walBytes = async (folder: string) => (await readFile(join(folder, WAL))).length;

  const logStays = ({ life }: { readonly life: Life }) => {
    const { log } = life;
    if (log.kind !== 'intact') throw new Error('lost');
    const found = logOf(log);
    const { opNumber: from } = log.base;
    expect(found).toEqual(hashes(entries).slice(from, from + found.length));
    expect(log.beyond).toEqual([]);
  };

  it('at any moment of a checkpoint leaves the old one or the new one, whole', async () => {
    const fixture = await fileFixture();
    const storage = fixture.start('durable');
    await openedWith(storage);
    await stored(storage, append(entries.slice(0, 16)));
    for (const store of checkpointOf(1).slice(0, -1)) {
      if (store.log === undefined) await stored(storage, store);
    }
    const from = await walBytes(fixture.folder());
    const before = await openCopy(await cutAt(fixture.folder(), from));
    for (const store of checkpointOf(2)) await stored(storage, store);
    const places = await cuts(fixture.folder(), from);
    const after = await openCopy(await cutAt(fixture.folder(), places.at(-1)!));
    expect([before.checkpointOp, after.checkpointOp]).toEqual([8, 16]);
    expect(before.pages).not.toEqual(after.pages);

    const seen = new Set<number | undefined>();
    for (const at of places) {
      const copy = await cutAt(fixture.folder(), at);
      const found = await openCopy(copy);
      expect(found.stateWhole).toBe(true);
      expect(found.pages).toEqual((found.checkpointOp === 8 ? before : after).pages);
      logStays(found);
      seen.add(found.checkpointOp);
      await rm(copy, { recursive: true });
    }
    expect([...seen]).toEqual([8, 16]);
    await fixture.dispose();
  }, 60_000);

  it('at any moment of a transfer leaves what has come so far, and says that it is not whole', async () => {
    const fixture = await fileFixture();
    const storage = fixture.start('durable');
    await openedWith(storage);
    await stored(storage, append(entries.slice(0, 16)));
    for (const store of checkpointOf(1).slice(0, -1)) {
      if (store.log === undefined) await stored(storage, store);
    }
    const from = await walBytes(fixture.folder());
    const before = await openCopy(await cutAt(fixture.folder(), from));
    for (const store of checkpointOf(2, true)) await stored(storage, store);
    const places = await cuts(fixture.folder(), from);
    const after = await openCopy(await cutAt(fixture.folder(), places.at(-1)!));

    const seen: (number | undefined)[] = [];
    for (const at of places) {
      const copy = await cutAt(fixture.folder(), at);
      const found = await openCopy(copy);
      expect(found.stateWhole).toBe(found.checkpointOp !== undefined);
      if (found.checkpointOp === 8) expect(found.pages).toEqual(before.pages);
      if (found.checkpointOp === 16) expect(found.pages).toEqual(after.pages);
      for (const [name, text] of Object.entries(found.pages))
        expect([before.pages[name], after.pages[name]]).toContain(text);
      if (seen.at(-1) !== found.checkpointOp || seen.length === 0) seen.push(found.checkpointOp);
      await rm(copy, { recursive: true });
    }
    expect(seen).toEqual([8, undefined, 16]);
    await fixture.dispose();
  }, 60_000);

  it('while old pages and rows are being deleted takes nothing that is needed', async () => {
    const fixture = await fileFixture();
    const storage = fixture.start('durable');
    await openedWith(storage);
    await stored(storage, append(entries.slice(0, 8)));
    for (let round = 1; round <= 3; round += 1)
      for (const store of checkpointOf(round)) {
        if (store.pages !== undefined || store.checkpoint !== undefined)
          await stored(storage, store);
        if (store.checkpoint !== undefined)
          await stored(storage, append(entries.slice(8 * round, 8 * round + 8)));
      }
    const from = await walBytes(fixture.folder());
    const base24 = placeOf(entries[23]!);
    await stored(storage, storeOf(undefined, { base: base24, commitNumber: opNumber(24) }));
    const before = await openCopy(await cutAt(fixture.folder(), from));
    for (const entry of entries.slice(32))
      await stored(storage, append([entry], { base: base24, commitNumber: opNumber(24) }));
    for (const at of await cuts(fixture.folder(), WAL_HEADER_BYTES + 60 * FRAME_BYTES)) {
      if (at < from) continue;
      const copy = await cutAt(fixture.folder(), at);
      const found = await openCopy(copy);
      expect(found).toMatchObject({ stateWhole: true, checkpointOp: 24, pages: before.pages });
      logStays(found);
      await rm(copy, { recursive: true });
    }
    await fixture.dispose();
  }, 60_000);
});
