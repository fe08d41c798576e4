import { replicaNumber } from '@lockstep/vr-core';
import { MemoryDisk, MemoryStorage } from '../../apps/server/src/storage/memory-storage';
import { EPOCH } from './storage-fixture';
import { StoredGroup } from './stored-group';

const ALL = [0, 1, 2];

describe('a group on its disks', () => {
  let group: StoredGroup;
  let disks: MemoryDisk[];

  const start = (number: number) =>
    group.start(
      number,
      new MemoryStorage({
        disk: disks[number]!,
        self: replicaNumber(number),
        epoch: EPOCH,
        mode: 'durable',
      }),
    );

  /** Kill -9: what is on the disk stays. */
  const kill = (number: number) => {
    group.stop(number);
    disks[number] = disks[number]!.copy();
  };

  beforeEach(async () => {
    group = new StoredGroup();
    disks = ALL.map(() => new MemoryDisk());
    for (const number of ALL) await start(number);
    await group.run(ALL, () => group.view(0).serving);
  });

  /** Counters `from` to `to`, one after the other, each in an entry of its own. */
  const addEach = async (among: readonly number[], from: number, to: number) => {
    for (let count = from; count < to; count += 1) {
      const before = group.answered;
      group.add(0, `counter ${`${count}`.padStart(6, '0')}`);
      await group.run(among, () => group.answered > before);
    }
  };

  const addMany = async (count: number) => {
    for (let added = 0; added < count; added += 1)
      group.add(0, `counter ${`${added}`.padStart(6, '0')}`);
    await group.run(ALL, () => group.answered === count);
  };

  const areEven = (among: readonly number[]) =>
    new Set(among.map((number) => group.view(number).executedNumber)).size === 1;

  const sameState = (among: readonly number[]) =>
    new Set(among.map((number) => group.digest(number))).size === 1;

  it('starts from its checkpoint and the log behind it', async () => {
    await addMany(600);
    await addEach(ALL, 0, 70);
    await group.run(ALL, () => group.view(2).baseNumber > 0);
    const { executedNumber } = group.view(2);
    kill(2);
    await start(2);
    const view = group.view(2);
    expect(view).toMatchObject({ stateWhole: true, transfer: undefined });
    expect(view.checkpoint?.opNumber).toBeGreaterThan(0);
    await group.run(ALL, () => group.view(2).executedNumber >= executedNumber && areEven(ALL));
    expect(sameState(ALL)).toBe(true);
  });

  it('has the fetched checkpoint on its disk as a whole, also what it held already', async () => {
    await addMany(600);
    await addEach(ALL, 0, 36);
    await group.run(ALL, () => group.view(2).checkpoint !== undefined);
    // Changed at replica 2 after its checkpoint, and nowhere afterwards: equal when the others' checkpoint is fetched.
    const { checkpoint } = group.view(2);
    await addEach(ALL, 590, 593);
    expect(group.view(2).checkpoint).toEqual(checkpoint);
    const { executedNumber } = group.view(2);
    await addEach([0, 1], 0, 40);
    await group.run([0, 1], () => group.view(0).baseNumber > executedNumber);
    await group.run(ALL, () => group.view(2).transfer !== undefined);
    await group.run(ALL, () => group.view(2).stateWhole);
    const fetched = group.view(2).checkpoint;
    kill(2);
    await start(2);
    expect(group.view(2)).toMatchObject({ stateWhole: true, checkpoint: fetched });
  });
});
