import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CounterFile, type Guard } from '../../demo/src/pause/counter-file';
import { isShown, lostIn, type Tally } from '../../demo/src/pause/verdict';

describe('the counter that is written under a lock', () => {
  let folder: string;
  const counterOf = (guard: Guard): CounterFile => new CounterFile(join(folder, guard), guard);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-counter-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('guarded by the lock takes a write under a lower fence', () => {
    const counter = counterOf('lock');
    expect([counter.write(2, 8n), counter.write(1, 7n)]).toEqual([true, true]);
    expect([counter.value, counter.refused]).toEqual([1, 0]);
  });

  it('guarded by the fence refuses a write under a lower one than it has seen', () => {
    const counter = counterOf('fence');
    expect([counter.write(2, 8n), counter.write(1, 7n)]).toEqual([true, false]);
    expect([counter.value, counter.refused]).toEqual([2, 1]);
  });

  it('guarded by the fence takes several writes of one holder', () => {
    const counter = counterOf('fence');
    expect([counter.write(1, 7n), counter.write(2, 7n)]).toEqual([true, true]);
    expect(counter.value).toBe(2);
  });
});

describe('the verdict on locks and fences', () => {
  const tally = (guard: Guard, counter: number, refused: number): Tally => ({
    guard,
    pauses: 1,
    acknowledged: 10,
    counter,
    refused,
  });
  const losing = tally('lock', 9, 0);
  const refusing = tally('fence', 10, 1);

  it('counts as lost what was acknowledged and is not in the counter', () => {
    expect([lostIn(losing), lostIn(refusing)]).toEqual([1, 0]);
  });

  it('is given when the lock alone loses and the fence refuses and loses nothing', () => {
    expect(isShown(losing, refusing)).toBe(true);
  });

  it.each([
    ['the lock alone loses nothing', tally('lock', 10, 0), refusing],
    ['the fence loses as well', losing, tally('fence', 9, 1)],
    ['the fence had nothing to refuse', losing, tally('fence', 10, 0)],
  ])('is not given when %s', (_, byLock, byFence) => {
    expect(isShown(byLock, byFence)).toBe(false);
  });
});
