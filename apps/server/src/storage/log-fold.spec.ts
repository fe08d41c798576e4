import {
  clusterMs,
  epochNumber,
  fnvHash,
  GENESIS,
  makeEntry,
  opNumber,
  viewNumber,
  type LogEntry,
  type LogPlace,
} from '@lockstep/vr-core';
import type { Flush } from './flush-row';
import { DamagedLog, LogFold } from './log-fold';

const entryAfter = (parent: LogPlace, view: number): LogEntry =>
  makeEntry(
    {
      epochNumber: epochNumber(0),
      viewNumber: viewNumber(view),
      opNumber: opNumber(parent.opNumber + 1),
      parentHash: parent.hash,
      clusterMs: clusterMs(0),
      wallSeconds: 0,
      wallNanos: view,
    },
    { newView: false, touched: undefined, requests: [] },
    fnvHash,
  );

/** So many entries after another, of one view. */
const branch = (after: LogPlace, count: number, view = 0): LogEntry[] => {
  const entries: LogEntry[] = [];
  for (let made = 0; made < count; made += 1)
    entries.push(entryAfter(entries.at(-1) ?? after, view));
  return entries;
};

/** Entries in one segment, with where the log ends and how far it is known to be committed. */
const flushOf = (entries: readonly LogEntry[], commit = 0, more: Partial<Flush> = {}): Flush => ({
  segments: [{ afterOp: opNumber((entries[0]?.opNumber ?? 1) - 1), entries }],
  lastNormalView: { epochNumber: epochNumber(0), viewNumber: viewNumber(0) },
  commitNumber: opNumber(commit),
  headOp: entries.at(-1)?.opNumber ?? opNumber(0),
  base: GENESIS,
  witnessBase: opNumber(0),
  checkpointOp: opNumber(0),
  ...more,
});

const ops = (entries: readonly LogEntry[]) => entries.map((entry) => Number(entry.opNumber));

describe('the fold of flushes into a log', () => {
  let fold: LogFold;

  beforeEach(() => {
    fold = new LogFold();
  });

  it('of which one is damaged keeps what was committed, and what follows', () => {
    const log = branch(GENESIS, 12);
    fold.take(flushOf(log.slice(0, 3), 0));
    fold.take(flushOf(log.slice(3, 6), 2));
    fold.skip([]);
    fold.take(flushOf(log.slice(9), 7));
    const { entries, beyond } = fold.result();
    expect([ops(entries), ops(beyond)]).toEqual([
      [1, 2],
      [10, 11, 12],
    ]);
  });

  it('gets entries back that a later one names, from the damaged flush and from before it', () => {
    const log = branch(GENESIS, 12);
    fold.take(flushOf(log.slice(0, 6), 2));
    fold.skip(log.slice(6, 9));
    fold.take(flushOf(log.slice(9), 7));
    expect(ops(fold.result().entries)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it('never takes an entry that the damaged flush may have replaced', () => {
    const old = branch(GENESIS, 6);
    const fresh = branch(old[2]!, 6, 1);
    fold.take(flushOf(old, 3));
    // What is damaged dropped ops 4 to 6 and wrote others in their place.
    fold.skip([]);
    fold.take(flushOf(fresh.slice(4), 3));
    const { entries, beyond } = fold.result();
    expect([ops(entries), ops(beyond)]).toEqual([
      [1, 2, 3],
      [8, 9],
    ]);
  });

  it('takes salvaged entries of no other branch', () => {
    const old = branch(GENESIS, 6);
    const fresh = branch(old[2]!, 6, 1);
    fold.take(flushOf(old.slice(0, 3), 3));
    fold.skip([...old.slice(3), ...fresh.slice(0, 3)]);
    fold.take(flushOf(fresh.slice(3), 3));
    const { entries, beyond } = fold.result();
    expect(entries).toEqual([...old.slice(0, 3), ...fresh]);
    expect(beyond).toEqual([]);
  });

  it('with several damaged flushes keeps what each was followed by', () => {
    const log = branch(GENESIS, 20);
    fold.take(flushOf(log.slice(0, 4), 4));
    fold.skip([]);
    fold.take(flushOf(log.slice(6, 10), 9));
    fold.skip([]);
    fold.take(flushOf(log.slice(14), 15));
    const { entries, beyond } = fold.result();
    expect([ops(entries), ops(beyond)]).toEqual([
      [1, 2, 3, 4],
      [7, 8, 9, 15, 16, 17, 18, 19, 20],
    ]);
  });

  it('is damaged as a whole when its last entry is', () => {
    const log = branch(GENESIS, 6);
    fold.take(flushOf(log.slice(0, 3), 3));
    fold.skip([]);
    expect(() => fold.result()).toThrow(DamagedLog);
    fold.take(flushOf([], 3, { segments: [], headOp: opNumber(6) }));
    expect(() => fold.result()).toThrow(DamagedLog);
  });

  it('needs no entry at or below its base', () => {
    const log = branch(GENESIS, 9);
    const base = { opNumber: log[5]!.opNumber, hash: log[5]!.hash };
    fold.skip([]);
    fold.take(flushOf(log.slice(6), 8, { base }));
    expect(fold.result()).toMatchObject({ base, entries: log.slice(6), beyond: [] });
  });

  it('is damaged when an entry does not continue the base', () => {
    const log = branch(GENESIS, 9);
    const base = { opNumber: opNumber(6), hash: log[0]!.hash };
    fold.take(flushOf(log, 8, { base }));
    expect(() => fold.result()).toThrow('op 7 does not continue op 6');
  });

  it('is damaged when a flush leaves a gap that no base explains', () => {
    const log = branch(GENESIS, 9);
    fold.take(flushOf(log.slice(0, 3)));
    expect(() => {
      fold.take(flushOf(log.slice(5)));
    }).toThrow('op 6 stands after op 3');
  });
});
