import { Registry } from 'prom-client';
import type { LogEntry, Store } from '@lockstep/vr-core';
import { Meters } from '../observability/metrics/meters';
import { OpClock } from './op-clock';
import { stagesOf } from '../observability/stages';

const store = (...ops: readonly number[]): Store =>
  ({
    log: {
      afterOp: (ops[0] ?? 1) - 1,
      entries: ops.map((opNumber) => ({ opNumber, encoded: new Uint8Array(100) })),
    } as unknown as { entries: readonly LogEntry[] },
  }) as unknown as Store;

describe('when an op passed each stage', () => {
  let clock: OpClock;
  beforeEach(() => {
    clock = new OpClock(new Meters(new Registry()));
    clock.committedThrough(4, 0);
  });

  it('is known of each op of a write', () => {
    clock.onStore(store(5, 6), 10);
    clock.onStored(store(5, 6), 14);
    clock.committedThrough(5, 16);
    expect(clock.of(5)).toEqual({ loggedMs: 10, storedMs: 14, committedMs: 16 });
    expect(clock.of(6)).toEqual({ loggedMs: 10, storedMs: 14, committedMs: 0 });
  });

  it('is forgotten of what is long past, never taken for another op', () => {
    clock.onStore(store(5), 10);
    clock.onStore(store(5 + 8192), 20);
    expect(clock.of(5)).toBeUndefined();
  });

  it('begins anew when another entry takes the place', () => {
    clock.onStore(store(5), 10);
    clock.onStored(store(5), 12);
    clock.onStore(store(5), 30);
    expect(clock.of(5)).toEqual({ loggedMs: 30, storedMs: 0, committedMs: 0 });
  });

  it('does not count through the ops between two generations, of which there are 2^44', () => {
    clock.onStore(store(5), 10);
    clock.committedThrough(2 ** 44 + 3, 20);
    expect(clock.of(5)?.committedMs).toBe(0);
  });

  it('says where the time of a call went, and that of a repetition is nowhere', () => {
    clock.onStore(store(5), 10);
    clock.onStored(store(5), 14);
    clock.stepMs = 17;
    const answered = { op: 5, sinceMs: 8, answeredMs: 19 };
    expect(stagesOf(answered, clock)).toEqual({ waitMs: 2, storeMs: 4, commitMs: 7, applyMs: 2 });
    expect(stagesOf({ ...answered, sinceMs: 11 }, clock)).toBeUndefined();
    expect(stagesOf({ ...answered, op: undefined }, clock)).toBeUndefined();
  });
});
