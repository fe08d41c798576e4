import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replicaNumber } from '@lockstep/vr-core';
import { FileStorage } from '../../apps/server/src/storage/file-storage';
import type { StorageReport } from '../../apps/server/src/storage/replica-storage';
import type { StorageOptions } from '../../apps/server/src/storage/storage-options';
import { optionsOf, random } from './storage-fixture';
import { StoredGroup } from './stored-group';

const ALL = [0, 1, 2];
const DATABASE = 'replica.sqlite';
const PATIENCE_MS = 60_000;

describe('a disk that is scrubbed while its replica works (ADR 20)', () => {
  let base: string;
  let group: StoredGroup;
  let storages: FileStorage[];
  let reports: StorageReport[];

  const folder = (number: number) => join(base, `replica-${number}`);

  const options = (number: number): StorageOptions => ({
    ...optionsOf(folder(number), 'durable', (report) => void reports.push(report)),
    self: replicaNumber(number),
    nodeId: `r${number}-abc`,
    scrub: { bytesPerSecond: 256 << 20, pauseMs: 20 },
  });

  const start = async (number: number) => {
    const storage = new FileStorage(options(number));
    storages[number] = storage;
    await group.start(number, storage);
    storage.scrub({
      execution: group.execution(number),
      mend: (damage) => {
        group.damaged(number, damage);
      },
    });
  };

  const figures = (number: number) => storages[number]!.figures.scrub;

  /** The group works, and the clock of the scrubbers goes on. */
  const until = async (isSo: () => boolean) => {
    const end = Date.now() + PATIENCE_MS;
    while (!isSo()) {
      if (Date.now() > end) throw new Error(`it never came so: ${JSON.stringify(reports)}`);
      let rounds = 0;
      await group.run(ALL, () => (rounds += 1) > 3);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };

  const name = (count: number) => `counter ${`${count}`.padStart(6, '0')}`;

  const addEach = async (from: number, to: number) => {
    for (let count = from; count < to; count += 1) {
      const before = group.answered;
      group.add(0, name(count));
      await group.run(ALL, () => group.answered > before);
    }
  };

  /** Two passes from beginning to end, after all that has happened until now. */
  const passes = async (number: number, count = 3) => {
    const before = figures(number).passes;
    await until(() => figures(number).passes >= before + count);
  };

  /** Flips a bit in the middle of these bytes, wherever in the files they are; how often. */
  const flip = async (number: number, text: string) => {
    let flipped = 0;
    for (const file of (await readdir(folder(number))).filter((one) => one.startsWith(DATABASE))) {
      const path = join(folder(number), file);
      const bytes = await readFile(path);
      const handle = await open(path, 'r+');
      for (
        let at = bytes.indexOf(text, 0, 'latin1');
        at >= 0;
        at = bytes.indexOf(text, at + 1, 'latin1')
      ) {
        const middle = at + (text.length >> 1);
        await handle.write(Buffer.of(bytes.readUInt8(middle) ^ 4), 0, 1, middle);
        flipped += 1;
      }
      await handle.close();
    }
    return flipped;
  };

  const expectMended = async (number: number) => {
    await until(() => figures(number).found > 0 && figures(number).damaged === 0);
    const { found, repaired } = figures(number);
    expect(repaired).toBe(found);
    await passes(number);
    expect(figures(number)).toMatchObject({ found, damaged: 0 });
  };

  /** The next life finds nothing damaged and nothing missing, and the group is of one mind. */
  const expectWholeAfterRestart = async (number: number) => {
    const { opNumber } = group.view(number);
    group.stop(number);
    await storages[number]!.close();
    reports = [];
    await start(number);
    expect(reports).toEqual([]);
    expect(group.view(number)).toMatchObject({ stateWhole: true, transfer: undefined });
    expect(group.view(number).opNumber).toBe(opNumber);
    await until(() => new Set(ALL.map((one) => group.view(one).executedNumber)).size === 1);
    expect(new Set(ALL.map((one) => group.digest(one))).size).toBe(1);
  };

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'lockstep-scrub-'));
    group = new StoredGroup();
    storages = [];
    reports = [];
    for (const number of ALL) {
      await mkdir(folder(number));
      await writeFile(join(folder(number), 'init'), 'once');
      await start(number);
    }
    await group.run(ALL, () => group.view(0).serving);
  });

  afterEach(async () => {
    for (const storage of storages) await storage.close();
    await rm(base, { recursive: true, force: true });
  });

  it('is found sound, pass after pass, beside writes, checkpoints and cuts of the log', async () => {
    for (let round = 0; round < 12; round += 1) {
      for (let count = 0; count < 40; count += 1) group.add(0, name(round * 17 + count));
      await addEach(round, round + 6);
    }
    expect(group.view(1).checkpoint?.opNumber).toBeGreaterThan(0);
    for (const number of ALL) {
      await passes(number, 2);
      expect(figures(number)).toMatchObject({ found: 0, damaged: 0 });
      expect(figures(number).bytes).toBeGreaterThan(10_000);
    }
    expect(reports).toEqual([]);
  });

  it('is found sound beside a transfer of pages', async () => {
    for (let count = 0; count < 300; count += 1) group.add(0, name(count));
    await until(() => group.view(2).executedNumber === group.view(0).executedNumber);
    group.stop(2);
    await storages[2]!.close();
    const { opNumber } = group.view(1);
    for (let count = 0; group.view(0).baseNumber <= opNumber && count < 200; count += 1) {
      const before = group.answered;
      group.add(0, name(count));
      await group.run([0, 1], () => group.answered > before);
    }
    await start(2);
    await until(() => group.notes.some((note) => note.includes('has the checkpoint of op')));
    await until(() => group.view(2).executedNumber === group.view(0).executedNumber);
    for (const number of ALL) {
      await passes(number, 2);
      expect(figures(number)).toMatchObject({ found: 0, damaged: 0 });
    }
    expect(reports).toEqual([]);
  });

  it.each(['promise.a', 'promise.b', 'flushed'])(
    'has %s written again from memory',
    async (file) => {
      await addEach(0, 3);
      const path = join(folder(1), file);
      const bytes = await readFile(path);
      const handle = await open(path, 'r+');
      await handle.write(Buffer.of(bytes.readUInt8(20) ^ 1), 0, 1, 20);
      await handle.close();
      await expectMended(1);
      expect(await readFile(path)).toEqual(bytes);
      await rm(path);
      await until(() => figures(1).found === 2 && figures(1).repaired === 2);
      expect(await readFile(path)).toEqual(bytes);
      await expectWholeAfterRestart(1);
    },
  );

  it('has a damaged entry of the log written again from memory, and loses nothing', async () => {
    await addEach(0, 50);
    await passes(1);
    expect(await flip(1, name(47))).toBeGreaterThan(0);
    await expectMended(1);
    await expectWholeAfterRestart(1);
    await addEach(50, 60);
    await expectWholeAfterRestart(1);
  });

  it('has a damaged page written again, with a checkpoint at once, though nobody writes', async () => {
    await addEach(0, 40);
    await until(() => ALL.every((number) => group.view(number).checkpoint !== undefined));
    await passes(2);
    const { checkpoint } = group.view(2);
    const bytes = await readFile(join(folder(2), DATABASE));
    expect(bytes.includes(name(3))).toBe(true);
    expect(await flip(2, name(3))).toBeGreaterThan(0);
    await expectMended(2);
    expect(group.view(2).checkpoint?.opNumber).toBeGreaterThanOrEqual(checkpoint!.opNumber);
    await expectWholeAfterRestart(2);
    await addEach(40, 110);
    await until(() => new Set(ALL.map((one) => group.view(one).checkpoint?.id)).size === 1);
  });

  it('has the record of its checkpoint written again from memory', async () => {
    await addEach(0, 40);
    await until(() => group.view(2).checkpoint !== undefined);
    await passes(2);
    expect(await flip(2, group.view(2).checkpoint!.id)).toBeGreaterThan(0);
    await expectMended(2);
    await expectWholeAfterRestart(2);
  });

  it('has a new database made when SQLite cannot read the old one', async () => {
    await addEach(0, 40);
    await until(() => group.view(2).checkpoint !== undefined);
    await passes(2);
    const { size } = await stat(join(folder(2), DATABASE));
    const handle = await open(join(folder(2), DATABASE), 'r+');
    for (let at = 4096; at < size; at += 4096) await handle.write(Buffer.alloc(8, 0xff), 0, 8, at);
    await handle.close();
    await expectMended(2);
    expect(await readdir(folder(2))).toContain(`${DATABASE}.unsound`);
    await addEach(40, 50);
    await passes(2);
    await expectWholeAfterRestart(2);
  });

  const next = random(0x5c2b_0001);

  it.each(Array.from({ length: 4 }, () => [next(1 << 30), next(8)] as const))(
    'with a bit flipped at %i, bit %i, goes on, and is sound afterwards',
    async (draw, bit) => {
      await addEach(0, 45);
      await passes(1);
      const path = join(folder(1), DATABASE);
      const bytes = await readFile(path);
      const at = draw % bytes.length;
      const handle = await open(path, 'r+');
      await handle.write(Buffer.of(bytes.readUInt8(at) ^ (1 << bit)), 0, 1, at);
      await handle.close();
      await passes(1);
      await until(() => figures(1).damaged === 0);
      await addEach(45, 55);
      await expectWholeAfterRestart(1);
    },
  );
});
