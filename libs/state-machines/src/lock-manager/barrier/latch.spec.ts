import { SoloLocks } from '../twin/solo-locks';

describe('a latch', () => {
  const set = (locks: SoloLocks, count: number) =>
    locks.execute({ kind: 'set-latch', latch: 'done', count });
  const down = (locks: SoloLocks, by = 1) =>
    locks.execute({ kind: 'count-down', latch: 'done', by });

  it('opens when it has been counted down to 0, and goes no lower', () => {
    const locks = new SoloLocks();
    expect(set(locks, 3)).toEqual({ kind: 'latch', count: 3 });
    expect([down(locks), down(locks, 5), down(locks)]).toEqual([
      { kind: 'latch', count: 2 },
      { kind: 'latch', count: 0 },
      { kind: 'latch', count: 0 },
    ]);
    expect(locks.ask({ kind: 'latch', latch: 'done' })).toMatchObject({ count: 0 });
  });

  it('is not closed again by who starts the same work twice, until it is open', () => {
    const locks = new SoloLocks();
    set(locks, 3);
    down(locks);
    expect(set(locks, 3)).toEqual({ kind: 'latch', count: 2 });
    down(locks, 2);
    expect(set(locks, 4)).toEqual({ kind: 'latch', count: 4 });
  });

  it('must be set before it is counted down or removed', () => {
    const locks = new SoloLocks();
    expect(down(locks)).toEqual({ kind: 'unknown-latch' });
    expect(locks.execute({ kind: 'remove-latch', latch: 'done' })).toEqual({
      kind: 'unknown-latch',
    });
    expect(locks.ask({ kind: 'latch', latch: 'done' })).toEqual({ kind: 'unknown-latch' });
  });

  it('tells whoever watches of every change, and of nothing else', () => {
    const locks = new SoloLocks();
    set(locks, 2);
    set(locks, 2);
    down(locks);
    down(locks);
    down(locks);
    const counts = locks.events.map((event) => (event.kind === 'latch' ? event.count : undefined));
    expect(counts).toEqual([2, 1, 0]);
  });

  it('jetcd#291: wakes who waits for it when it is removed, and leaves nothing behind', () => {
    const locks = new SoloLocks();
    const before = locks.solo.digest('locks');
    set(locks, 2);
    expect(locks.execute({ kind: 'remove-latch', latch: 'done' })).toEqual({
      kind: 'latch-removed',
    });
    expect(locks.events.at(-1)).toEqual({ kind: 'latch', latch: 'done', count: 0 });
    expect(locks.solo.digest('locks')).toBe(before);
  });
});
