import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { opNumber, type StoredLog } from '@lockstep/vr-core';
import { seal } from '../../apps/server/src/storage/sealed';
import { FileStorage } from '../../apps/server/src/storage/file-storage';
import {
  RefusedToStart,
  StorageFailure,
  type StorageReport,
} from '../../apps/server/src/storage/replica-storage';
import {
  append,
  chain,
  fileFixture,
  hashes,
  logOf,
  optionsOf,
  promise,
  random,
  stored,
  storeOf,
  view,
} from './storage-fixture';

const DATABASE = 'replica.sqlite';
const WAL = 'replica.sqlite-wal';

describe('a damaged folder (E42)', () => {
  let base: string;
  let scratch: string;
  /** A folder as kill -9 leaves it: rows in the database file, more in the write-ahead log. */
  let killed: string;
  let wholeLog: readonly string[];
  let copies = 0;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'lockstep-damage-'));
    const fixture = await fileFixture();
    const old = chain([], 600);
    const first = fixture.start('durable');
    await first.open(() => undefined);
    for (const entry of old.slice(0, 100))
      await stored(
        first,
        append([entry], { commitNumber: opNumber(Math.max(0, entry.opNumber - 2)) }),
      );
    await stored(first, append(old.slice(100), { commitNumber: opNumber(98) }));
    await first.close();
    const second = fixture.start('durable');
    await second.open(() => undefined);
    const kept = old.slice(0, 520);
    const other = chain(kept, 60, 1);
    await stored(
      second,
      append(other.slice(0, 10), {
        promise: promise(1, { 1: 2 }),
        lastNormalView: view(1),
        commitNumber: opNumber(510),
      }),
    );
    for (const entry of other.slice(10))
      await stored(
        second,
        append([entry], { lastNormalView: view(1), commitNumber: opNumber(510) }),
      );
    wholeLog = hashes([...kept, ...other]);
    killed = join(base, 'killed');
    await cp(fixture.folder(), killed, { recursive: true });
    await fixture.dispose();
  });

  beforeEach(async () => {
    copies += 1;
    scratch = join(base, `copy-${copies}`);
    await cp(killed, scratch, { recursive: true });
  });

  afterEach(() => rm(scratch, { recursive: true, force: true }));

  afterAll(() => rm(base, { recursive: true, force: true }));

  const flip = async (file: string, at: number, bit: number) => {
    const path = join(scratch, file);
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
    await writeFile(path, bytes);
  };

  const openAgain = async () => {
    const reports: StorageReport[] = [];
    const storage = new FileStorage(
      optionsOf(scratch, 'durable', (report) => {
        reports.push(report);
      }),
    );
    const life = await storage.open(() => undefined);
    await storage.close();
    return { life, reports };
  };

  /** The log with or without holes, its head always there; or none. */
  const expectNoOther = (log: StoredLog) => {
    if (log.kind !== 'intact') {
      expect(log).toEqual({ kind: 'lost' });
      return;
    }
    const { entries, beyond, commitNumber, lastNormalView } = log;
    const found = [...entries, ...beyond];
    expect(hashes(found)).toEqual(found.map(({ opNumber: op }) => wholeLog[op - 1]));
    expect(hashes(entries)).toEqual(wholeLog.slice(0, entries.length));
    expect(found.at(-1)?.opNumber).toBe(wholeLog.length);
    expect([commitNumber, lastNormalView]).toEqual([510, view(1)]);
  };

  const sizeOf = async (file: string) => (await stat(join(scratch, file))).size;

  it('has rows in both files, so that damage to either can be told', async () => {
    expect(await sizeOf(DATABASE)).toBeGreaterThan(20_000);
    expect(await sizeOf(WAL)).toBeGreaterThan(20_000);
    expect(logOf((await openAgain()).life.log)).toEqual(wholeLog);
  });

  describe.each([
    [DATABASE, 40, 0x1234_5678],
    [WAL, 40, 0x0bad_cafe],
  ])('with a flipped bit in %s', (file, rounds, seed) => {
    const next = random(seed);
    const draws = Array.from({ length: rounds }, () => [next(1 << 30), next(8)] as const);

    it.each(draws)('at %i, bit %i, gives no other entry', async (draw, bit) => {
      const size = await sizeOf(file);
      // Half of them in the first page, where the format itself is written down.
      const at = draw % 2 === 0 ? draw % 4096 : draw % size;
      await flip(file, at, bit);
      const { life } = await openAgain();
      expectNoOther(life.log);
      expect(life.promise).toEqual(promise(1, { 1: 3 }));
    });
  });

  describe.each([
    [DATABASE, 12, 77],
    [WAL, 12, 99],
  ])('with %s cut short', (file, rounds, seed) => {
    const next = random(seed);
    const draws = Array.from({ length: rounds }, (_, round) => (round === 0 ? 0 : next(1 << 30)));

    // The write-ahead log may hold the very pages that were cut off: then nothing is missing.
    it.each(draws)('(%i) gives the whole log or none', async (draw) => {
      await truncate(join(scratch, file), draw % (await sizeOf(file)));
      const { life, reports } = await openAgain();
      expect([wholeLog, 'lost']).toContainEqual(logOf(life.log));
      expect(reports.map(({ level }) => level)).toEqual(life.log.kind === 'lost' ? ['error'] : []);
    });

    it.each([1, 100, 5000])('by %i bytes gives no log', async (bytes) => {
      const last = file === WAL ? 0 : 4096;
      await truncate(join(scratch, file), (await sizeOf(file)) - last - bytes);
      expect(logOf((await openAgain()).life.log)).toBe('lost');
    });
  });

  it.each([DATABASE, WAL])('without %s gives no log', async (file) => {
    await rm(join(scratch, file));
    expect((await openAgain()).life.log).toEqual({ kind: 'lost' });
  });

  it('tells a lost end by the promise too, when the mark is gone as after a power cut', async () => {
    const { life } = await openAgain();
    expect(logOf(life.log)).toEqual(wholeLog);
    await rm(join(scratch, 'flushed'));
    await truncate(join(scratch, DATABASE), (await sizeOf(DATABASE)) - 4096);
    expect((await openAgain()).life.log).toEqual({ kind: 'lost' });
  });

  it('keeps the damaged file under another name and says which', async () => {
    await truncate(join(scratch, WAL), 100);
    const { reports } = await openAgain();
    expect(reports.map(({ text }) => text).join()).toContain('replica.sqlite.damaged-3');
    expect(await readdir(scratch)).toContain('replica.sqlite.damaged-3');
  });

  it('stays lost until recovery has brought the log back, and then restarts from it', async () => {
    await truncate(join(scratch, WAL), 100);
    expect((await openAgain()).life.log).toEqual({ kind: 'lost' });
    const storage = new FileStorage(optionsOf(scratch, 'durable'));
    expect((await storage.open(() => undefined)).log).toEqual({ kind: 'lost' });
    const recovered = chain([], 7, 2);
    await stored(storage, append(recovered, { lastNormalView: view(1) }));
    await storage.close();
    expect(logOf((await openAgain()).life.log)).toEqual(hashes(recovered));
  });

  it('takes no log of another replica for its own', async () => {
    const storage = new FileStorage({ ...optionsOf(scratch, 'durable'), nodeId: 'r2-other' });
    await expect(storage.open(() => undefined)).rejects.toBeInstanceOf(RefusedToStart);
  });

  it('starts from one copy of the promise when the other is damaged, with the same promise', async () => {
    const next = random(4711);
    for (const copy of ['promise.a', 'promise.b']) {
      await flip(copy, next(512), next(8));
      const { life } = await openAgain();
      expect(life.promise).toMatchObject(view(1));
      expect(logOf(life.log)).toEqual(wholeLog);
    }
  });

  it('refuses to start when every copy of the promise is damaged', async () => {
    await flip('promise.a', 40, 1);
    await flip('promise.b', 41, 2);
    await expect(openAgain()).rejects.toBeInstanceOf(RefusedToStart);
  });

  it('comes back without its promise when told to, with nothing of what is in the folder', async () => {
    await flip('promise.a', 40, 1);
    await flip('promise.b', 41, 2);
    await writeFile(join(scratch, 'init'), 'once');
    const recover = () => new FileStorage({ ...optionsOf(scratch, 'durable'), recover: true });
    const storage = recover();
    const life = await storage.open(() => undefined);
    expect(life).toMatchObject({ promiseLost: true, log: { kind: 'lost' } });
    expect(life.promise).toEqual(promise(0, { 1: life.incarnation }));
    await storage.close();
    const again = await openAgain();
    expect(again.life).toMatchObject({ promiseLost: true, incarnation: life.incarnation + 1 });
    expect(await readdir(scratch)).toContain(`replica.sqlite.unpromised-${life.incarnation}`);
  });

  it('refuses a folder of an older format with a line that says so', async () => {
    const old = seal(Buffer.from([1, 0, 0]), 512);
    for (const copy of ['promise.a', 'promise.b']) await writeFile(join(scratch, copy), old);
    await expect(openAgain()).rejects.toThrow(
      new RefusedToStart(
        'promise.a was written by another version of the program: formatVersion: is 1, and this program knows 2. Start that version; nothing was changed.',
      ),
    );
  });

  it('refuses a promise that is older than the log beside it', async () => {
    const older = join(base, 'older');
    const fixture = await fileFixture();
    await fixture.start('durable').open(() => undefined);
    await cp(fixture.folder(), older, { recursive: true });
    await fixture.dispose();
    const storage = new FileStorage(optionsOf(scratch, 'durable'));
    await storage.open(() => undefined);
    await stored(
      storage,
      storeOf(undefined, { lastNormalView: view(1), commitNumber: opNumber(1) }),
    );
    await storage.close();
    for (const copy of ['promise.a', 'promise.b']) await cp(join(older, copy), join(scratch, copy));
    await expect(openAgain()).rejects.toThrow(/older/);
  });

  it('does not serve a folder that another process serves', async () => {
    const first = new FileStorage(optionsOf(scratch, 'durable'));
    await first.open(() => undefined);
    await expect(openAgain()).rejects.toThrow(/Another process/);
    await first.close();
  });

  it('does not call a failing disk a damaged file', async () => {
    await rm(join(scratch, 'flushed'));
    await cp(killed, join(scratch, 'flushed'), { recursive: true });
    await expect(openAgain()).rejects.toBeInstanceOf(StorageFailure);
  });
});
