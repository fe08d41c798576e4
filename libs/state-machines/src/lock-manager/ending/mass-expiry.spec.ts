import { TICK_UNITS_MAX } from '@lockstep/vr-core';
import { fenceIn, SoloLocks } from '../twin/solo-locks';

const TTL_MS = 5_000;
const MANY = 400;

/** Many sessions that hold two locks each, and end in one Tick or in a few that follow each other. */
function doomed(lockDelayMs = 0): { locks: SoloLocks; fences: bigint[] } {
  const locks = new SoloLocks();
  const fences: bigint[] = [];
  for (let at = 0; at < MANY; at += 1) {
    const session = locks.open(TTL_MS, lockDelayMs);
    fences.push(fenceIn(locks.acquire(session, `tree/a${at}`)));
    locks.acquire(session, `b${at}`, { mode: at % 2 === 0 ? 'exclusive' : 'shared' });
  }
  return { locks, fences };
}

describe('very many sessions that end at once', () => {
  it('leave locks that are free for whoever asks, before they have been cleared away', () => {
    const { locks, fences } = doomed();
    const live = locks.open();
    locks.solo.advance(TTL_MS);
    const left = locks.ask({
      kind: 'locks',
      prefix: '',
      state: 'held',
      after: undefined,
      limit: 1_000,
    });
    expect(left.locks.length).toBeGreaterThan(0);
    for (let at = 0; at < MANY; at += 1) {
      expect(locks.acquire(live, `b${at}`, { waitMs: 0 }).kind).toBe('granted');
    }
    // The lock above all of them is wanted whole.
    expect(locks.acquire(live, 'tree', { waitMs: 0 }).kind).toBe('granted');
    const sequencers = fences.map((fence, at) => ({ lock: `tree/a${at}`, fence, mode: undefined }));
    const { results } = locks.ask({ kind: 'check', sequencers });
    expect(results.some(({ valid }) => valid)).toBe(false);
  });

  it('let those who waited in at once, each in the Tick that ends the holder', () => {
    const { locks } = doomed();
    const live = locks.open();
    for (let at = 0; at < MANY; at += 1) {
      locks.acquire(live, `b${at}`, { request: `waits-${at}`, owner: `${at}` });
    }
    locks.solo.advance(TTL_MS);
    for (let at = 0; at < MANY; at += 1) expect(locks.stateOf(`waits-${at}`)).toBe('granted');
  });

  it('let a request in that waits for one lock of the living and one of the dead', () => {
    const { locks } = doomed();
    const [live, other] = [locks.open(), locks.open()];
    locks.solo.advance(TTL_MS);
    const held = fenceIn(locks.acquire(other, 'c'));
    const last = `b${MANY - 1}`;
    const both = [
      { lock: 'c', mode: 'exclusive', permits: 1, limit: undefined },
      { lock: last, mode: 'exclusive', permits: 1, limit: undefined },
    ] as const;
    locks.acquireAll(live, both, { request: 'both' });
    expect(locks.stateOf('both')).toBe('queued');
    locks.release(other, 'c', held);
    expect(locks.stateOf('both')).toBe('granted');
  });

  it('keep their locks shut for the lock-delay from the end on, cleared away or not', () => {
    const { locks } = doomed(3_000);
    const live = locks.open();
    locks.solo.advance(TTL_MS);
    for (const lock of ['b0', `b${MANY - 1}`]) {
      expect(locks.acquire(live, lock, { waitMs: 0 }).kind).toBe('lock-delay');
    }
    locks.solo.advance(2_999);
    expect(locks.acquire(live, `b${MANY - 1}`, { waitMs: 0 }).kind).toBe('lock-delay');
    locks.solo.advance(1);
    expect(locks.acquire(live, `b${MANY - 1}`, { waitMs: 0 }).kind).toBe('granted');
  });

  it('leave nothing behind in the end', () => {
    const { locks } = doomed();
    locks.solo.advance(TTL_MS + 1_000);
    const left = locks.ask({
      kind: 'locks',
      prefix: '',
      state: 'any',
      after: undefined,
      limit: 1_000,
    });
    expect(left.locks).toEqual([]);
    expect([...locks.solo.execution.internalErrors]).toEqual([]);
  });

  it('are more than one Tick ends eagerly, or these tests show nothing', () => {
    expect(MANY * 3).toBeGreaterThan(TICK_UNITS_MAX);
  });
});
