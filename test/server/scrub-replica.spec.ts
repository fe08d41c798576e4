import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GroupHarness, type ReplicaHandle } from './group-harness';
import { rest } from './rest-client';

const PATIENCE_MS = 60_000;
jest.setTimeout(3 * PATIENCE_MS);

const SETTINGS = '{ storage: { scrub: { bytesPerSecond: 67108864, pauseMs: 20 } } }';

describe('a replica process whose disk is damaged while it serves (ADR 20)', () => {
  let group: GroupHarness;

  beforeAll(async () => {
    group = await GroupHarness.start({ environment: () => ({ LOCKSTEP_SETTINGS: SETTINGS }) });
  });

  afterAll(() => group.stop());

  const addEach = async (door: ReplicaHandle, from: number, to: number) => {
    for (let count = from; count < to; count += 1) {
      const answer = await rest(`${door.url}/v1/counter/scrubbed-${count}`, 'POST', { by: 1 });
      expect(answer.status).toBe(200);
    }
  };

  /** Flips a bit of each copy of these bytes in the files of the database; how many there were. */
  const flip = async ({ dataFolder }: ReplicaHandle, text: string) => {
    let flipped = 0;
    const names = (await readdir(dataFolder)).filter((name) => name.startsWith('replica.sqlite'));
    for (const file of names.map((name) => join(dataFolder, name))) {
      const bytes = await readFile(file);
      const handle = await open(file, 'r+');
      for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
        await handle.write(Buffer.of(bytes.readUInt8(at) ^ 1), 0, 1, at);
        flipped += 1;
      }
      await handle.close();
    }
    return flipped;
  };

  const until = async (isSo: () => boolean | Promise<boolean>) => {
    const end = Date.now() + PATIENCE_MS;
    while (!(await isSo())) {
      if (Date.now() > end) throw new Error('it never came so');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('writes it again, answers rightly meanwhile, and finds nothing at its next start', async () => {
    const primary = await group.primary();
    const [backup] = await group.backups();
    if (backup === undefined) throw new Error('there is no backup');
    await addEach(primary, 0, 30);
    // A write that is under way when the bytes are read may move them: then it is tried once more.
    await until(async () => (await flip(backup, 'scrubbed-7')) > 0);
    await until(() => backup.log.includes('damage on the disk: row'));
    await until(() => backup.log.includes('damage on the disk repaired: row'));
    await addEach(backup, 30, 40);
    expect(await backup.terminate()).toBe(0);
    const before = backup.log.length;
    await group.startAll();
    const { log } = backup;
    expect(log.slice(before)).not.toContain('damage');
    for (const count of [0, 7, 29, 39]) {
      const { body } = await rest(`${backup.url}/v1/counter/scrubbed-${count}`);
      expect(body).toMatchObject({ value: 1 });
    }
  });
});
