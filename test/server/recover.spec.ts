import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replicaNumber } from '@lockstep/vr-core';
import { FileStorage } from '../../apps/server/src/storage/file-storage';
import type { DurabilityMode } from '../../apps/server/src/storage/replica-storage';
import { INIT_TOKEN } from '../../apps/server/src/storage/storage-options';
import { optionsOf } from './storage-fixture';
import { StoredGroup } from './stored-group';

const ALL = [0, 1, 2];

describe.each<DurabilityMode>(['durable', 'replicated'])('--recover, mode %s (ADR 10)', (mode) => {
  let base: string;
  let group: StoredGroup;
  let lives: number;
  const folders: string[] = [];
  const storages: FileStorage[] = [];

  const start = async (number: number, recover: boolean) => {
    const options = optionsOf(folders[number]!, mode);
    const self = replicaNumber(number);
    const storage = new FileStorage({ ...options, self, nodeId: `r${number}`, recover });
    storages.push(storage);
    await group.start(number, storage);
  };

  const newFolder = async (number: number) => {
    lives += 1;
    folders[number] = join(base, `r${number}-${lives}`);
    await mkdir(folders[number]);
  };

  /** Kill -9: its files as they are now. */
  const kill = async (number: number) => {
    group.stop(number);
    const before = folders[number]!;
    lives += 1;
    folders[number] = join(base, `r${number}-${lives}`);
    await cp(before, folders[number], { recursive: true });
  };

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'lockstep-recover-'));
    group = new StoredGroup();
    lives = 0;
    for (const number of ALL) {
      await newFolder(number);
      await writeFile(join(folders[number]!, INIT_TOKEN), 'once');
      await start(number, false);
    }
    await group.run(ALL, () => group.view(0).serving);
  });

  afterEach(async () => {
    for (const storage of storages.splice(0)) await storage.close();
    await rm(base, { recursive: true, force: true });
  });

  const add = async (door: number, count: number) => {
    const { answered } = group;
    for (let added = 0; added < count; added += 1) group.add(door, `counter ${added}`);
    await group.run(ALL, () => group.answered === answered + count);
  };

  const areEven = () =>
    ALL.every((number) => group.view(number).status === 'normal') &&
    new Set(ALL.map((number) => group.view(number).executedNumber)).size === 1;

  const expectEven = async () => {
    await group.run(ALL, areEven);
    expect(new Set(ALL.map((number) => group.digest(number))).size).toBe(1);
  };

  it('brings every replica of a group back from an empty folder, one after the other', async () => {
    for (const number of ALL) {
      await add((number + 1) % 3, 40);
      group.stop(number);
      await newFolder(number);
      await start(number, true);
      expect(group.view(number).status).toBe('recovering');
      await expectEven();
    }
    // Their new folders are as good as the old ones: no word is needed any more.
    await kill(1);
    await start(1, false);
    await add(0, 10);
    await expectEven();
  });

  it('goes on after a crash half way, without being told again', async () => {
    await add(0, 10);
    group.stop(2);
    await newFolder(2);
    await start(2, true);
    const { incarnation } = group.view(2);
    await kill(2);
    await start(2, false);
    expect(group.view(2)).toMatchObject({ status: 'recovering', incarnation: incarnation + 1 });
    await expectEven();
  });
});
