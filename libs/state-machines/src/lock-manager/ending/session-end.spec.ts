import { SoloLocks } from '../twin/solo-locks';

const noErrors = (locks: SoloLocks) => [...locks.solo.execution.internalErrors];

describe('the end of a session', () => {
  it('gives back everything it held, and drops everything it waited for', () => {
    const locks = new SoloLocks();
    const [ann, bob, cat] = [locks.open(), locks.open(), locks.open()];
    locks.acquire(ann, 'door', { request: 'held' });
    locks.acquire(bob, 'gate');
    locks.acquire(ann, 'gate', { request: 'waited', waitMs: 5_000 });
    locks.acquire(cat, 'door', { request: 'next' });
    locks.solo.closeSession(ann);
    expect(locks.stateOf('next')).toBe('granted');
    expect(locks.ask({ kind: 'lock', name: 'gate' }).waiterCount).toBe(0);
    expect([locks.stateOf('held'), locks.stateOf('waited')]).toEqual([
      'unknown-request',
      'unknown-request',
    ]);
    locks.solo.advance(5_000);
    expect(noErrors(locks)).toEqual([]);
  });

  it('leaves no row behind, whatever the session did', () => {
    const locks = new SoloLocks();
    const bob = locks.open();
    locks.acquire(bob, 'door', { request: 'bobs' });
    const before = locks.solo.digest('locks');
    const ann = locks.open();
    locks.acquire(ann, 'door', { request: 'waits', note: 'a note' });
    locks.acquire(ann, 'door', { request: 'gave up', owner: 'x', waitMs: 10 });
    locks.solo.advance(10);
    expect(locks.stateOf('gave up')).toBe('timed-out');
    expect(locks.solo.digest('locks')).not.toBe(before);
    locks.solo.closeSession(ann);
    expect(locks.solo.digest('locks')).toBe(before);
  });

  it('is not confused by a session whose id starts with its own', () => {
    const locks = new SoloLocks();
    const sessions = Array.from({ length: 12 }, () => locks.open());
    sessions.forEach((session, at) => locks.acquire(session, `lock-${at}`));
    const [first, ...others] = sessions;
    expect(others.some((other) => other.startsWith('1'))).toBe(true);
    if (first !== undefined) locks.solo.closeSession(first);
    const held = locks.ask({
      kind: 'locks',
      prefix: '',
      state: 'held',
      after: undefined,
      limit: 100,
    });
    expect(held.locks).toHaveLength(11);
  });

  it('gives others their turn lock by lock, in the order of names', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    for (const lock of ['é', 'b', 'Z', 'a']) {
      locks.acquire(ann, lock);
      locks.acquire(bob, lock);
    }
    const cid = locks.open();
    locks.acquire(cid, 'c', { mode: 'shared' });
    locks.acquire(ann, 'c');
    locks.acquire(bob, 'c', { mode: 'shared' });
    const before = locks.events.length;
    locks.solo.closeSession(ann);
    const fresh = locks.events.slice(before);
    const granted = fresh.flatMap((event) => (event.kind === 'lock.granted' ? [event.lock] : []));
    expect(granted).toEqual(['Z', 'a', 'b', 'c', 'é']);
  });

  it('drops its waits first, so that it is granted nothing on the way', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    locks.acquire(ann, 'door', { owner: 'one' });
    locks.acquire(ann, 'door', { owner: 'two' });
    locks.acquire(bob, 'door', { request: 'b' });
    const before = locks.events.length;
    locks.solo.closeSession(ann);
    const fresh = locks.events.slice(before);
    expect(fresh.map((event) => [event.kind, 'owner' in event && event.owner])).toEqual([
      ['lock.cancelled', 'two'],
      ['lock.released', 'one'],
      ['lock.granted', ''],
    ]);
  });

  it('tells watchers whether it was closed or had expired', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open(2_000)];
    locks.acquire(ann, 'a');
    locks.acquire(bob, 'b');
    locks.solo.closeSession(ann);
    locks.solo.advance(2_000);
    const ends = locks.events.filter((event) => event.kind === 'lock.released');
    expect(ends.map(({ lock, cause }) => [lock, cause])).toEqual([
      ['a', 'session-closed'],
      ['b', 'session-expired'],
    ]);
  });
});

describe('lock-delay', () => {
  const lost = (mode: 'exclusive' | 'shared') => {
    const locks = new SoloLocks();
    locks.acquire(locks.open(2_000, 500), 'door', { mode });
    locks.solo.advance(2_000);
    return locks;
  };

  it('keeps a lock closed for a while after its holder was lost', () => {
    const locks = lost('exclusive');
    const ann = locks.open();
    expect(locks.acquire(ann, 'door', { waitMs: 0 })).toEqual({
      kind: 'lock-delay',
      lock: 'door',
      untilMs: 2_500,
    });
    locks.solo.advance(499);
    expect(locks.acquire(ann, 'door', { waitMs: 0 }).kind).toBe('lock-delay');
    locks.solo.advance(1);
    expect(locks.acquire(ann, 'door', { waitMs: 0 }).kind).toBe('granted');
  });

  it('lets those who wait through at its end, and leaves nothing behind', () => {
    const locks = lost('exclusive');
    const ann = locks.open();
    expect(locks.acquire(ann, 'door', { request: 'a' })).toMatchObject({ kind: 'queued' });
    locks.solo.advance(500);
    expect(locks.stateOf('a')).toBe('granted');
    locks.cancel('a');
    const all = { kind: 'locks', prefix: '', state: 'any', after: undefined, limit: 10 } as const;
    expect(locks.ask(all).locks).toEqual([]);
  });

  it('after a lost reader keeps out writers and not readers', () => {
    const locks = lost('shared');
    const [ann, bob] = [locks.open(), locks.open()];
    expect(locks.acquire(ann, 'door', { waitMs: 0 }).kind).toBe('lock-delay');
    expect(locks.acquire(bob, 'door', { mode: 'shared', waitMs: 0 }).kind).toBe('granted');
  });

  it('runs to the latest end when two holders were lost', () => {
    const locks = new SoloLocks();
    const mode = 'shared';
    locks.acquire(locks.open(2_000, 900), 'door', { mode });
    locks.acquire(locks.open(2_100, 100), 'door', { mode });
    locks.solo.advance(2_500);
    expect(locks.acquire(locks.open(), 'door', { waitMs: 0 })).toEqual({
      kind: 'lock-delay',
      lock: 'door',
      untilMs: 2_900,
    });
    locks.acquire(locks.open(), 'door', { request: 'writer' });
    locks.solo.advance(400);
    expect(locks.stateOf('writer')).toBe('granted');
  });

  it('does not follow a session that was closed in order, or that asked for none', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(1_000_000, 500), locks.open()];
    locks.acquire(ann, 'a');
    locks.solo.closeSession(ann);
    expect(locks.acquire(bob, 'a', { waitMs: 0 }).kind).toBe('granted');
    locks.acquire(locks.open(2_000, 0), 'b');
    locks.solo.advance(2_000);
    expect(locks.acquire(bob, 'b', { waitMs: 0 }).kind).toBe('granted');
  });
});

describe('the deadline of a wait', () => {
  it('ends the wait on time, by the cluster clock, and not before', () => {
    const locks = new SoloLocks();
    locks.acquire(locks.open(), 'door', { mode: 'shared' });
    locks.acquire(locks.open(), 'door', { request: 'writer', waitMs: 1_000 });
    locks.acquire(locks.open(), 'door', { request: 'reader', mode: 'shared' });
    locks.solo.advance(999);
    expect([locks.stateOf('writer'), locks.stateOf('reader')]).toEqual(['queued', 'queued']);
    locks.solo.advance(1);
    expect([locks.stateOf('writer'), locks.stateOf('reader')]).toEqual(['timed-out', 'granted']);
    expect(locks.events.at(-2)).toMatchObject({ kind: 'lock.timed-out', request: 'writer' });
  });

  it('means nothing once the lock is granted', () => {
    const locks = new SoloLocks();
    locks.acquire(locks.open(), 'door', { request: 'first' });
    locks.acquire(locks.open(), 'door', { request: 'second', waitMs: 1_000 });
    locks.cancel('first');
    locks.solo.advance(10_000);
    expect(locks.stateOf('second')).toBe('granted');
    expect([...locks.solo.execution.internalErrors]).toEqual([]);
  });
});
