import { createStateStore, fnvHash, type SessionId } from '@lockstep/vr-core';
import { lockManager } from '../plugin';
import { fenceIn, grantsIn, SoloLocks } from './solo-locks';

/** What others have reported of their lock services, and what must not happen in this one. (locks.md) */
describe('sessions and time', () => {
  /** A state that can be given to another process. */
  function restartable() {
    const store = createStateStore(fnvHash);
    return () => new SoloLocks([lockManager()], fnvHash, store);
  }

  it('copycat#40: waits, leases and holds are counted by one clock', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(9_000), locks.open(60_000)];
    locks.solo.stall(1_234);
    locks.acquire(ann, 'door', { request: 'held', maxHoldMs: 500 });
    locks.acquire(bob, 'door', { request: 'waits', waitMs: 499 });
    locks.solo.advance(498);
    expect([locks.stateOf('held'), locks.stateOf('waits')]).toEqual(['granted', 'queued']);
    locks.solo.advance(1);
    expect([locks.stateOf('held'), locks.stateOf('waits')]).toEqual(['granted', 'timed-out']);
    locks.solo.advance(1);
    expect(locks.stateOf('held')).toBe('expired');
  });

  it('copycat#14: a restarted replica has not forgotten a keepalive', () => {
    const start = restartable();
    const locks = start();
    const ann = locks.open(2_000);
    locks.acquire(ann, 'door', { request: 'a' });
    locks.solo.advance(1_900);
    locks.solo.keepalive(ann);
    const again = start();
    again.solo.advance(1_999);
    expect(again.stateOf('a')).toBe('granted');
    again.solo.advance(1);
    expect(again.stateOf('a')).toBe('unknown-request');
  });

  it('copycat#42: a keepalive in the Tick that would end the session wins', () => {
    const locks = new SoloLocks();
    const ann = locks.open(2_000);
    locks.acquire(ann, 'door', { request: 'a' });
    locks.solo.stall(5_000);
    expect(locks.solo.keepalive(ann)).toBe(true);
    expect(locks.stateOf('a')).toBe('granted');
  });

  it('copycat#146: a keepalive that comes too late is told so, and revives nothing', () => {
    const locks = new SoloLocks();
    const ann = locks.open(2_000);
    locks.acquire(ann, 'door');
    locks.solo.advance(2_000);
    expect(locks.solo.keepalive(ann)).toBe(false);
    expect(locks.ask({ kind: 'lock', name: 'door' }).holderCount).toBe(0);
  });

  it('copycat#232: the lock of a dead client is free in a group that nobody asks anything', () => {
    const locks = new SoloLocks();
    locks.acquire(locks.open(2_000), 'door');
    locks.solo.advance(2_000);
    expect(locks.ask({ kind: 'lock', name: 'door' }).holderCount).toBe(0);
  });

  it('etcd TestLeaseRevokeDuringRenew: a keepalive after the close says that the session is gone', () => {
    const locks = new SoloLocks();
    const ann = locks.open(2_000);
    locks.solo.closeSession(ann);
    expect(locks.solo.keepalive(ann)).toBe(false);
    expect(locks.acquire(ann, 'door')).toEqual({ kind: 'session-expired' });
  });

  it('etcd#9888: elections without end do not keep the lock of a dead client', () => {
    const locks = new SoloLocks();
    locks.acquire(locks.open(2_000), 'door');
    for (let ms = 0; ms < 6_000; ms += 200) {
      locks.solo.newView();
      locks.solo.advance(200);
    }
    expect(locks.ask({ kind: 'lock', name: 'door' }).holderCount).toBe(0);
  });

  it('etcd#17132: the third election adds no more to a lease than the first', () => {
    const endAfter = (views: number) => {
      const locks = new SoloLocks();
      locks.acquire(locks.open(10_000), 'door');
      for (let at = 0; at < views; at += 1) {
        locks.solo.advance(100);
        locks.solo.newView();
      }
      while (locks.ask({ kind: 'lock', name: 'door' }).holderCount > 0) locks.solo.advance(10);
      return locks.solo.clusterMs;
    };
    expect(endAfter(3)).toBe(endAfter(1));
  });

  it('etcd#2660, atomix#35: an election takes no lease away', () => {
    const locks = new SoloLocks();
    const ann = locks.open(2_000);
    locks.acquire(ann, 'door', { request: 'a' });
    locks.solo.advance(1_999);
    // Without a primary the cluster clock stands still, and what was left of the lease is made up to the grace.
    locks.solo.newView();
    locks.solo.advance(1);
    expect(locks.stateOf('a')).toBe('granted');
    expect(locks.solo.keepalive(ann)).toBe(true);
  });

  it('consul: a lock-delay survives a restart', () => {
    const start = restartable();
    const locks = start();
    const bob = locks.open();
    locks.acquire(locks.open(2_000, 5_000), 'door');
    locks.solo.advance(2_000);
    const again = start();
    expect(again.acquire(bob, 'door', { waitMs: 0 })).toEqual({
      kind: 'lock-delay',
      lock: 'door',
      untilMs: 7_000,
    });
    again.solo.advance(5_000);
    expect(again.acquire(bob, 'door', { waitMs: 0 }).kind).toBe('granted');
  });

  it('nats-server#3653: a lease ends by an operation, so it ends for every replica at once', () => {
    const replicas = [new SoloLocks(), new SoloLocks()] as const;
    const digests = replicas.map((locks) => {
      locks.acquire(locks.open(2_000, 700), 'door');
      locks.acquire(locks.open(), 'door');
      locks.solo.advance(2_000);
      return locks.solo.digest();
    });
    expect(digests[0]).toBe(digests[1]);
  });

  it('etcd#11746: a lease is as many milliseconds long as it says', () => {
    const locks = new SoloLocks();
    locks.acquire(locks.open(2_345), 'door');
    locks.solo.advance(2_344);
    expect(locks.ask({ kind: 'lock', name: 'door' }).holderCount).toBe(1);
    locks.solo.advance(1);
    expect(locks.ask({ kind: 'lock', name: 'door' }).holderCount).toBe(0);
  });
});

describe('waiting', () => {
  it('etcd#11456: a session that dies while it waits is granted nothing', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open(2_000)];
    const fence = fenceIn(locks.acquire(ann, 'door'));
    locks.acquire(bob, 'door', { request: 'b' });
    locks.solo.advance(2_000);
    locks.release(ann, 'door', fence);
    expect(locks.ask({ kind: 'lock', name: 'door' })).toMatchObject({ holders: [], waiters: [] });
    expect(locks.stateOf('b')).toBe('unknown-request');
  });

  it('etcd#11456: nor is one whose session ends in the operation that frees the lock', () => {
    const locks = new SoloLocks();
    const ann = locks.open(2_000);
    locks.acquire(ann, 'door', { owner: 'one' });
    locks.acquire(ann, 'door', { owner: 'two', request: 'w' });
    locks.solo.advance(2_000);
    const granted = locks.events.filter((event) => event.kind === 'lock.granted');
    expect(granted).toHaveLength(1);
  });

  it('etcd#9921: a maximal hold begins at the grant, however long the wait was', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    const fence = fenceIn(locks.acquire(ann, 'door'));
    locks.acquire(bob, 'door', { request: 'b', maxHoldMs: 5_000 });
    locks.solo.advance(20_000);
    locks.release(ann, 'door', fence);
    locks.solo.advance(4_999);
    expect(locks.stateOf('b')).toBe('granted');
    locks.solo.advance(1);
    expect(locks.stateOf('b')).toBe('expired');
  });

  it('node-redlock#369: what is granted has its whole time before it, and a repeated acquire is no rival', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    locks.solo.advance(300);
    const first = locks.acquire(ann, 'door', { request: 'a', maxHoldMs: 500 });
    expect(first).toMatchObject({ kind: 'granted', sinceMs: 300, deadlineMs: 800 });
    expect(locks.acquire(ann, 'door', { request: 'a', maxHoldMs: 500 })).toEqual(first);
  });

  it('consul PR#4346: a wait ends at its own time, however many others come and go meanwhile', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    locks.acquire(locks.open(), 'door', { maxHoldMs: 100 });
    locks.acquire(ann, 'door', { request: 'a', waitMs: 1_000, priority: -1 });
    for (let at = 0; at < 9; at += 1) {
      locks.acquire(locks.open(), 'door', { maxHoldMs: 100, request: `other-${at}` });
      locks.solo.advance(100);
    }
    locks.acquire(locks.open(), 'door');
    locks.solo.advance(99);
    expect(locks.stateOf('a')).toBe('queued');
    locks.solo.advance(1);
    expect(locks.stateOf('a')).toBe('timed-out');
  });

  it('consul#7523: a release wakes one writer, or the readers up to the next writer', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fence = fenceIn(locks.acquire(ann, 'door'));
    for (let at = 0; at < 50; at += 1) locks.acquire(locks.open(), 'door');
    const before = locks.events.length;
    locks.release(ann, 'door', fence);
    const kinds = locks.events.slice(before).map(({ kind }) => kind);
    expect(kinds).toEqual(['lock.released', 'lock.granted']);
  });

  it('redisson#3730: nobody waits behind the dead', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fence = fenceIn(locks.acquire(ann, 'door'));
    for (let at = 0; at < 20; at += 1) locks.acquire(locks.open(2_000), 'door');
    locks.acquire(locks.open(), 'door', { request: 'live' });
    locks.solo.advance(2_000);
    locks.release(ann, 'door', fence);
    expect(locks.stateOf('live')).toBe('granted');
  });

  it('redisson#1353: a grant that nobody takes up is passed on', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fence = fenceIn(locks.acquire(ann, 'door'));
    locks.acquire(locks.open(), 'door', { request: 'gone', claimMs: 700 });
    locks.acquire(locks.open(), 'door', { request: 'next', claimMs: 700 });
    locks.release(ann, 'door', fence);
    locks.solo.advance(700);
    expect([locks.stateOf('gone'), locks.stateOf('next')]).toEqual(['unclaimed', 'granted']);
    locks.execute({ kind: 'claim', request: 'next' });
    locks.solo.advance(10_000);
    expect(locks.stateOf('next')).toBe('granted');
  });

  it('web-locks#8: a cancel ends the wait, or the hold when it was granted meanwhile', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    const fence = fenceIn(locks.acquire(ann, 'door'));
    locks.acquire(bob, 'door', { request: 'b' });
    locks.release(ann, 'door', fence);
    expect(locks.cancel('b')).toEqual({ kind: 'released' });
    expect(locks.ask({ kind: 'lock', name: 'door' }).holderCount).toBe(0);
    locks.acquire(ann, 'door');
    locks.acquire(bob, 'door', { request: 'b2' });
    expect(locks.cancel('b2')).toEqual({ kind: 'cancelled' });
  });

  it('web-locks#20: who holds one and waits for the other is told so, with the circle', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    locks.acquire(ann, 'a');
    locks.acquire(bob, 'b');
    locks.acquire(ann, 'b');
    expect(locks.acquire(bob, 'a')).toEqual({
      kind: 'deadlock',
      cycle: [
        { session: bob, owner: '', lock: 'a', mode: 'exclusive' },
        { session: ann, owner: '', lock: 'b', mode: 'exclusive' },
      ],
    });
  });

  it('web-locks#20: several locks are had in one step, or none of them', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    locks.acquire(ann, 'b');
    const both = ['a', 'b'].map((lock) => ({
      lock,
      mode: 'exclusive' as const,
      permits: 1,
      limit: undefined,
    }));
    locks.acquireAll(bob, both, { request: 'both' });
    expect(locks.ask({ kind: 'lock', name: 'a' }).holderCount).toBe(0);
    locks.solo.closeSession(ann);
    expect(grantsIn(locks.acquireAll(bob, both, { request: 'both' }))).toHaveLength(2);
  });
});

describe('giving up and taking away', () => {
  it('curator#1193: a release may be said again when its answer was lost', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fence = fenceIn(locks.acquire(ann, 'door'));
    locks.release(ann, 'door', fence);
    locks.acquire(locks.open(), 'door', { request: 'next' });
    expect(locks.release(ann, 'door', fence)).toEqual({ kind: 'already-released' });
    expect(locks.stateOf('next')).toBe('granted');
  });

  it('curator#1112: permits come back with the end of the session, all of them', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    const terms = { mode: 'permit', limit: 3 } as const;
    locks.acquire(ann, 's', { ...terms, permits: 2 });
    locks.acquire(ann, 's', terms);
    locks.solo.closeSession(ann);
    expect(locks.acquire(bob, 's', { ...terms, permits: 3, waitMs: 0 }).kind).toBe('granted');
  });

  it('curator#727: a request under a session that has ended never meets what that session held', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(2_000), locks.open()];
    const fence = fenceIn(locks.acquire(ann, 'door', { request: 'a' }));
    locks.solo.advance(2_000);
    locks.acquire(bob, 'door', { request: 'b' });
    expect(locks.acquire(ann, 'door', { request: 'a' })).toEqual({ kind: 'session-expired' });
    expect(locks.release(ann, 'door', fence)).toEqual({ kind: 'already-released' });
    expect(locks.convert(ann, { lock: 'door', fence }, 'shared').kind).toBe('session-expired');
    expect(locks.stateOf('b')).toBe('granted');
  });

  it('curator#1137: of two leaders the later one has the higher fence', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(2_000), locks.open()];
    const old = fenceIn(locks.acquire(ann, '@election:cron', { note: 'ann' }));
    locks.acquire(bob, '@election:cron', { request: 'b', note: 'bob' });
    locks.solo.advance(2_000);
    const { holders } = locks.ask({ kind: 'lock', name: '@election:cron' });
    expect(holders.map(({ holder }) => holder.note)).toEqual(['bob']);
    expect(holders[0]?.holder.fence).toBeGreaterThan(old);
  });

  it('curator#692: leadership can be given to a candidate of choice', () => {
    const locks = new SoloLocks();
    const [ann, bob, cid] = [locks.open(), locks.open(), locks.open()];
    const fence = fenceIn(locks.acquire(ann, '@election:cron'));
    locks.acquire(bob, '@election:cron', { request: 'b' });
    locks.acquire(cid, '@election:cron', { request: 'c' });
    const held = { session: ann, owner: '', lock: '@election:cron', fence };
    expect(locks.execute({ kind: 'transfer', ...held, to: 'c' }).kind).toBe('transferred');
    expect([locks.stateOf('b'), locks.stateOf('c')]).toEqual(['queued', 'granted']);
  });

  it('terraform#27033: a break names the fence it has seen, and never hits a newer holder', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    const seen = fenceIn(locks.acquire(ann, 'door'));
    locks.release(ann, 'door', seen);
    const currentFence = fenceIn(locks.acquire(bob, 'door', { request: 'b' }));
    const breakIt = { kind: 'break', lock: 'door', graceMs: 0, reason: 'stuck' } as const;
    expect(locks.execute({ ...breakIt, fence: seen })).toEqual({
      kind: 'stale-fence',
      currentFence,
    });
    expect(locks.stateOf('b')).toBe('granted');
  });

  it('lockable-resources#230: who took a lock away, from whom and why, is on record', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fence = fenceIn(locks.acquire(ann, 'door', { request: 'a' }));
    const operation = {
      kind: 'break',
      lock: 'door',
      fence,
      graceMs: 500,
      reason: 'stuck',
    } as const;
    locks.execute(operation, { principal: 'operator' });
    locks.solo.advance(500);
    const told = { request: 'a', session: ann, fence, by: 'operator', reason: 'stuck' };
    expect(locks.events.slice(-3)).toMatchObject([
      { kind: 'lock.break-requested', ...told, untilMs: 500 },
      { kind: 'lock.released', cause: 'broken' },
      { kind: 'lock.broken', ...told },
    ]);
  });

  it('lockable-resources#78: who waits with a higher priority comes first, among equals who came first', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fence = fenceIn(locks.acquire(ann, 'door'));
    const waits = [0, 5, 0, 5].map((priority, at) => {
      locks.acquire(locks.open(), 'door', { request: `w${at}`, priority });
      return `w${at}`;
    });
    expect(waits).toHaveLength(4);
    const { waiters } = locks.ask({ kind: 'lock', name: 'door' });
    expect(waiters.map(({ request }) => request)).toEqual(['w1', 'w3', 'w0', 'w2']);
    locks.release(ann, 'door', fence);
    expect(locks.stateOf('w1')).toBe('granted');
  });

  it('redisson#4368: a holder that is kept alive and does nothing loses the lock at the end of its maximal hold', () => {
    const locks = new SoloLocks();
    const ann = locks.open(2_000);
    locks.acquire(ann, 'door', { request: 'a', maxHoldMs: 3_000 });
    for (let ms = 0; ms < 3_000; ms += 1_000) {
      locks.solo.advance(1_000);
      expect(locks.solo.keepalive(ann)).toBe(true);
    }
    expect(locks.stateOf('a')).toBe('expired');
  });

  it('redisson#2807: a release long after the loss is no error', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fence = fenceIn(locks.acquire(ann, 'door', { maxHoldMs: 100 }));
    locks.solo.advance(10_000);
    expect(locks.release(ann, 'door', fence)).toEqual({ kind: 'already-released' });
  });

  it('consul#2767: a lock-delay is told from a holder, with the time of its end', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(2_000, 1_500), locks.open()];
    locks.acquire(ann, 'door');
    expect(locks.acquire(bob, 'door', { waitMs: 0 }).kind).toBe('lock-held');
    locks.solo.advance(2_000);
    expect(locks.acquire(bob, 'door', { waitMs: 0 })).toMatchObject({
      kind: 'lock-delay',
      untilMs: 3_500,
    });
  });

  it('consul#4508: a lock-delay follows a loss, never a release or a close', () => {
    const locks = new SoloLocks();
    const bob = locks.open();
    const isFree = (): boolean => {
      const outcome = locks.acquire(bob, 'door', { waitMs: 0 });
      if (outcome.kind === 'granted') locks.release(bob, 'door', fenceIn(outcome));
      return outcome.kind === 'granted';
    };
    const ann: SessionId = locks.open(2_000, 1_500);
    locks.release(ann, 'door', fenceIn(locks.acquire(ann, 'door')));
    expect(isFree()).toBe(true);
    locks.acquire(ann, 'door');
    locks.solo.closeSession(ann);
    expect(isFree()).toBe(true);
    locks.acquire(locks.open(2_000, 1_500), 'door');
    locks.solo.advance(2_000);
    expect(isFree()).toBe(false);
  });

  it('zuke#391, amazon-dynamodb-lock-client#34: a try that fails says who holds the lock, and since when', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    locks.solo.advance(40);
    locks.acquire(ann, 'door', { note: 'nightly run' });
    expect(locks.acquire(locks.open(), 'door', { waitMs: 0 })).toMatchObject({
      kind: 'lock-held',
      holder: { session: ann, note: 'nightly run', sinceMs: 40 },
    });
  });
});
