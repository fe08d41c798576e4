import type { Ordered, Plugin } from '@lockstep/vr-core';
import { lockManager } from '../plugin';
import { fenceIn, SoloLocks } from '../twin/solo-locks';

describe('release', () => {
  it('hands the lock to the next in the queue, in the same operation', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fence = fenceIn(locks.acquire(ann, 'door'));
    locks.acquire(locks.open(), 'door', { request: 'second' });
    locks.acquire(locks.open(), 'door', { request: 'third' });
    expect(locks.release(ann, 'door', fence)).toEqual({ kind: 'released' });
    expect([locks.stateOf('second'), locks.stateOf('third')]).toEqual(['granted', 'queued']);
  });

  it('hands it to all readers up to the next writer, and not past it', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fence = fenceIn(locks.acquire(ann, 'door'));
    const modes = ['shared', 'shared', 'exclusive', 'shared'] as const;
    modes.forEach((mode, at) => locks.acquire(locks.open(), 'door', { mode, request: `w${at}` }));
    locks.release(ann, 'door', fence);
    expect(modes.map((_, at) => locks.stateOf(`w${at}`))).toEqual([
      'granted',
      'granted',
      'queued',
      'queued',
    ]);
  });

  it('waits for the last reader before it hands on to a writer', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    const mode = 'shared';
    const fences = [ann, bob].map((each) => fenceIn(locks.acquire(each, 'door', { mode })));
    locks.acquire(locks.open(), 'door', { request: 'writer' });
    locks.release(ann, 'door', fences[0]);
    expect(locks.stateOf('writer')).toBe('queued');
    locks.release(bob, 'door', fences[1]);
    expect(locks.stateOf('writer')).toBe('granted');
  });

  it('may be said twice', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fence = fenceIn(locks.acquire(ann, 'door'));
    locks.release(ann, 'door', fence);
    const before = locks.solo.digest('locks');
    expect(locks.release(ann, 'door', fence)).toEqual({ kind: 'already-released' });
    expect(locks.solo.digest('locks')).toBe(before);
  });

  it('has nothing left to do for a session that is gone', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fence = fenceIn(locks.acquire(ann, 'door'));
    locks.solo.closeSession(ann);
    expect(locks.release(ann, 'door', fence)).toEqual({ kind: 'already-released' });
  });

  it('refuses any fence but the one held, and no fence as well', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const old = fenceIn(locks.acquire(ann, 'door'));
    locks.release(ann, 'door', old);
    const currentFence = fenceIn(locks.acquire(ann, 'door'));
    const stale = { kind: 'stale-fence', currentFence };
    expect(locks.release(ann, 'door', old)).toEqual(stale);
    expect(locks.release(ann, 'door')).toEqual(stale);
    expect(locks.ask({ kind: 'lock', name: 'door' }).holderCount).toBe(1);
  });

  it('never takes the lock from another owner or session', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    const fence = fenceIn(locks.acquire(ann, 'door', { owner: 'a' }));
    expect(locks.release(bob, 'door', fence, 'a').kind).toBe('already-released');
    expect(locks.release(ann, 'door', fence, 'b').kind).toBe('already-released');
    expect(locks.ask({ kind: 'lock', name: 'door' }).holderCount).toBe(1);
  });

  it('without a fence, gives up the place in the queue', () => {
    const locks = new SoloLocks();
    const bob = locks.open();
    locks.acquire(locks.open(), 'door');
    locks.acquire(bob, 'door', { request: 'b' });
    expect(locks.release(bob, 'door')).toEqual({ kind: 'cancelled' });
    expect(locks.stateOf('b')).toBe('cancelled');
  });

  it('with the fence of an earlier grant, leaves the new place in the queue alone', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    const old = fenceIn(locks.acquire(bob, 'door'));
    locks.release(bob, 'door', old);
    locks.acquire(ann, 'door');
    locks.acquire(bob, 'door', { request: 'b' });
    expect(locks.release(bob, 'door', old)).toEqual({ kind: 'already-released' });
    expect(locks.stateOf('b')).toBe('queued');
  });

  it('is not for the sessions of others', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fence = fenceIn(locks.acquire(ann, 'door', { request: 'a' }));
    const held = { session: ann, lock: 'door', owner: '', fence, value: undefined };
    const operation = { kind: 'release', ...held } as const;
    const eve = { principal: 'eve' };
    expect(locks.execute(operation, eve)).toEqual({ kind: 'not-your-session' });
    expect(locks.execute({ kind: 'cancel', request: 'a' }, eve)).toEqual({
      kind: 'not-your-session',
    });
    expect(locks.stateOf('a')).toBe('granted');
  });

  it('touches as many rows with two thousand waiters as with two', () => {
    const touchedWith = (waiters: number) => {
      let touched = 0;
      const counted = countingRows(lockManager(), () => (touched += 1));
      const locks = new SoloLocks([counted]);
      const [ann, bob] = [locks.open(), locks.open()];
      const fence = fenceIn(locks.acquire(ann, 'door'));
      for (let at = 0; at < waiters; at += 1) locks.acquire(bob, 'door', { owner: `${at}` });
      touched = 0;
      locks.release(ann, 'door', fence);
      return touched;
    };
    const few = touchedWith(2);
    expect(few).toBeGreaterThan(0);
    expect(touchedWith(2_000)).toBe(few);
  });
});

/** The same plug-in; `onRow` is called for every row that it reads, writes or walks over. */
function countingRows(plugin: Plugin, onRow: () => void): Plugin {
  const counted = (table: Ordered): Ordered => ({
    get: (key) => (onRow(), table.get(key)),
    put: (key, value) => {
      onRow();
      table.put(key, value);
    },
    delete: (key) => (onRow(), table.delete(key)),
    first: () => (onRow(), table.first()),
    next: (key) => (onRow(), table.next(key)),
    *range(from, to) {
      for (const entry of table.range(from, to)) {
        onRow();
        yield entry;
      }
    },
    get size() {
      return table.size;
    },
  });
  const create: Plugin['create'] = (tables) =>
    plugin.create({
      records: (name, recordBytes) => tables.records(name, recordBytes),
      ordered: (name) => counted(tables.ordered(name)),
    });
  return { ...plugin, create };
}

describe('cancel', () => {
  it('takes a waiter out of the queue and lets those behind it through', () => {
    const locks = new SoloLocks();
    locks.acquire(locks.open(), 'door', { mode: 'shared' });
    locks.acquire(locks.open(), 'door', { request: 'writer' });
    locks.acquire(locks.open(), 'door', { request: 'reader', mode: 'shared' });
    expect(locks.cancel('writer')).toEqual({ kind: 'cancelled' });
    expect([locks.stateOf('writer'), locks.stateOf('reader')]).toEqual(['cancelled', 'granted']);
  });

  it('gives back what was granted meanwhile', () => {
    const locks = new SoloLocks();
    locks.acquire(locks.open(), 'door', { request: 'a' });
    locks.acquire(locks.open(), 'door', { request: 'b' });
    expect(locks.cancel('a')).toEqual({ kind: 'released' });
    expect(locks.stateOf('b')).toBe('granted');
  });

  it('answers how the request ended when it comes late', () => {
    const locks = new SoloLocks();
    locks.acquire(locks.open(), 'door', { request: 'a' });
    locks.acquire(locks.open(), 'door', { request: 'b', waitMs: 10 });
    locks.acquire(locks.open(), 'door', { request: 'c' });
    locks.solo.advance(10);
    locks.cancel('c');
    locks.cancel('a');
    const again = ['a', 'b', 'c'].map((request) => locks.cancel(request));
    expect(again).toEqual([
      { kind: 'finished', request: 'a', state: 'released' },
      { kind: 'finished', request: 'b', state: 'timed-out' },
      { kind: 'finished', request: 'c', state: 'cancelled' },
    ]);
  });

  it('does not know requests that were never made, refused, or whose session is gone', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    locks.acquire(ann, 'door', { request: 'a' });
    locks.acquire(bob, 'door', { request: 'tried', waitMs: 0 });
    locks.solo.closeSession(ann);
    for (const request of ['never', 'tried', 'a']) {
      expect(locks.cancel(request)).toEqual({ kind: 'unknown-request' });
    }
  });

  it('remembers the newest 256 finished requests of a session', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    for (let at = 0; at < 257; at += 1) {
      locks.acquire(ann, 'door', { request: `r${at}` });
      locks.cancel(`r${at}`);
    }
    expect(['r0', 'r1', 'r256'].map((request) => locks.stateOf(request))).toEqual([
      'unknown-request',
      'released',
      'released',
    ]);
  });
});
