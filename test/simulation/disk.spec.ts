import {
  fnvHash,
  GENESIS,
  makeEntry,
  type LogEntry,
  type OpNumber,
  type Promised,
  type Store,
} from '@lockstep/vr-core';
import { Chance } from './chance';
import { SimulatedDisk, type Mode } from './disk';
import { VirtualTime } from './virtual-time';

const promise = (viewNumber: number): Promised =>
  ({ epochNumber: 0, viewNumber, incarnations: [0, 0, 0] }) as never;

function entriesOf(count: number): LogEntry[] {
  const entries: LogEntry[] = [];
  for (let op = 1; op <= count; op += 1) {
    const header = {
      epochNumber: 0,
      viewNumber: 0,
      opNumber: op,
      parentHash: entries.at(-1)?.hash ?? '',
      clusterMs: op,
      wallSeconds: 0,
      wallNanos: 0,
    } as unknown as Parameters<typeof makeEntry>[0];
    entries.push(makeEntry(header, { newView: false, touched: undefined, requests: [] }, fnvHash));
  }
  return entries;
}

function appendOf(entry: LogEntry, promised?: Promised): Store {
  return {
    storeNumber: entry.opNumber,
    promise: promised,
    log: { afterOp: (entry.opNumber - 1) as OpNumber, entries: [entry] },
    pages: undefined,
    checkpoint: undefined,
    base: GENESIS,
    witnessBase: 0 as OpNumber,
    lastNormalView: promise(0),
    commitNumber: 0 as OpNumber,
  };
}

describe('a simulated disk', () => {
  const diskOf = (time: VirtualTime, mode: Mode, seed = 1): SimulatedDisk =>
    new SimulatedDisk(
      time,
      new Chance(`disk ${seed}`),
      { syncMeanMs: 5, groupCommit: false, mode },
      promise(0),
    );

  it('completes stores in their order, and then holds what they say', () => {
    const time = new VirtualTime();
    const disk = diskOf(time, 'durable');
    const done: number[] = [];
    for (const entry of entriesOf(3)) disk.store(appendOf(entry), (number) => done.push(number));
    expect(disk.durable.log.opNumber).toBe(0);
    time.run(1000, () => false);
    expect(done).toEqual([1, 2, 3]);
    expect(disk.durable.log.opNumber).toBe(3);
  });

  it('keeps some prefix of what was under way at a crash, and completes none of it later', () => {
    const lengths = new Set<number>();
    for (let seed = 1; seed <= 40; seed += 1) {
      const time = new VirtualTime();
      const disk = diskOf(time, 'durable', seed);
      const done: number[] = [];
      for (const entry of entriesOf(3)) disk.store(appendOf(entry), (number) => done.push(number));
      disk.crash();
      time.run(1000, () => false);
      expect(done).toEqual([]);
      lengths.add(disk.durable.log.opNumber);
      const { log } = disk.open(fnvHash).life;
      expect(log.kind === 'intact' ? log.entries.length : 0).toBe(disk.durable.log.opNumber);
    }
    expect([...lengths].sort()).toEqual([0, 1, 2, 3]);
  });

  it('may keep a promise whose log did not get there, and never the other way round', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 60; seed += 1) {
      const disk = diskOf(new VirtualTime(), 'durable', seed);
      for (const entry of entriesOf(2)) {
        disk.store(appendOf(entry, promise(entry.opNumber)), () => undefined);
      }
      disk.crash();
      expect(disk.durable.promise.viewNumber).toBeGreaterThanOrEqual(disk.durable.log.opNumber);
      seen.add(`${disk.durable.promise.viewNumber}/${disk.durable.log.opNumber}`);
    }
    expect(seen).toContain('1/0');
  });

  it('has lost its log after any crash in mode replicated, and kept its promise', () => {
    const time = new VirtualTime();
    const disk = diskOf(time, 'replicated');
    for (const entry of entriesOf(1)) disk.store(appendOf(entry, promise(4)), () => undefined);
    time.run(1000, () => false);
    disk.crash();
    const { life } = disk.open(fnvHash);
    expect([life.log.kind, life.promise.viewNumber]).toEqual(['lost', 4]);
  });

  it('counts every start of a process', () => {
    const disk = diskOf(new VirtualTime(), 'durable');
    expect([disk.open(fnvHash), disk.open(fnvHash)].map(({ life }) => life.incarnation)).toEqual([
      1, 2,
    ]);
  });
});
