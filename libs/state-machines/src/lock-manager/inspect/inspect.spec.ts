import { fenceIn, SoloLocks } from '../twin/solo-locks';

const all = { kind: 'locks', prefix: '', state: 'any', after: undefined, limit: 100 } as const;

describe('looking at a lock', () => {
  it('shows holders in order of their grants and waiters in order of the queue', () => {
    const locks = new SoloLocks();
    const [ann, bob, cid] = [locks.open(60_000), locks.open(50_000), locks.open(40_000)];
    locks.solo.advance(7);
    const mode = 'shared';
    const fences = [bob, ann].map((each) =>
      fenceIn(locks.acquire(each, 'door', { mode, note: `by ${each}`, request: each })),
    );
    locks.solo.advance(3);
    locks.acquire(cid, 'door', { request: 'c', waitMs: 90, note: 'me too' });
    expect(locks.ask({ kind: 'lock', name: 'door' })).toMatchObject({
      kind: 'lock',
      name: 'door',
      holderCount: 2,
      waiterCount: 1,
      delayedUntilMs: undefined,
      holders: [
        {
          request: bob,
          deadlineMs: 50_000,
          holder: {
            session: bob,
            owner: '',
            mode,
            fence: fences[0],
            note: `by ${bob}`,
            sinceMs: 7,
          },
        },
        {
          request: ann,
          deadlineMs: 60_000,
          holder: {
            session: ann,
            owner: '',
            mode,
            fence: fences[1],
            note: `by ${ann}`,
            sinceMs: 7,
          },
        },
      ],
      waiters: [
        {
          request: 'c',
          session: cid,
          owner: '',
          mode: 'exclusive',
          position: 1,
          sinceMs: 10,
          waitUntilMs: 100,
          note: 'me too',
        },
      ],
    });
  });

  it('shows a lock that nobody uses as free', () => {
    const { holderCount, waiterCount, holders } = new SoloLocks().ask({ kind: 'lock', name: 'x' });
    expect([holderCount, waiterCount, holders]).toEqual([0, 0, []]);
  });

  it('shows the first thousand of a long queue, and how long it is', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    for (let at = 0; at < 1_102; at += 1) locks.acquire(ann, 'door', { owner: `${at}` });
    const lock = locks.ask({ kind: 'lock', name: 'door' });
    expect([lock.waiterCount, lock.waiters.length]).toEqual([1_101, 1_000]);
  });

  it('does not mix up locks of which one name starts with the other', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    for (const name of ['a', 'a\0', 'a\0\u0001', 'ab']) locks.acquire(ann, name);
    locks.acquire(locks.open(), 'a\0');
    const seen = ['a', 'a\0', 'ab'].map((name) => {
      const { holders, waiters } = locks.ask({ kind: 'lock', name });
      return [holders.length, waiters.length];
    });
    expect(seen).toEqual([
      [1, 0],
      [1, 1],
      [1, 0],
    ]);
  });

  it('changes nothing', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    locks.acquire(ann, 'door', { request: 'a' });
    const before = locks.solo.digest();
    locks.ask({ kind: 'lock', name: 'door' });
    locks.ask(all);
    locks.ask({ kind: 'request', request: 'a' });
    locks.ask({ kind: 'session', session: ann });
    expect(locks.solo.digest()).toBe(before);
  });
});

describe('listing locks', () => {
  const used = () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    for (const name of ['b-1', 'a-2', 'a-1', 'a-3']) locks.acquire(ann, name);
    locks.acquire(bob, 'a-2');
    return locks;
  };
  const namesIn = (answer: { readonly locks: readonly { readonly name: string }[] }) =>
    answer.locks.map(({ name }) => name);

  it('goes in order of names', () => {
    expect(namesIn(used().ask(all))).toEqual(['a-1', 'a-2', 'a-3', 'b-1']);
  });

  it('keeps to a prefix, and to those held or waited for', () => {
    const locks = used();
    expect(namesIn(locks.ask({ ...all, prefix: 'a-' }))).toEqual(['a-1', 'a-2', 'a-3']);
    expect(namesIn(locks.ask({ ...all, state: 'waited' }))).toEqual(['a-2']);
    expect(namesIn(locks.ask({ ...all, state: 'held', prefix: 'c' }))).toEqual([]);
  });

  it('goes page by page and ends', () => {
    const locks = used();
    const first = locks.ask({ ...all, prefix: 'a-', limit: 2 });
    const second = locks.ask({ ...all, prefix: 'a-', limit: 2, after: first.next });
    expect([namesIn(first), first.next]).toEqual([['a-1', 'a-2'], 'a-2']);
    expect([namesIn(second), second.next]).toEqual([['a-3'], undefined]);
  });

  it('shows what is above a lock that is used, as used by intention', () => {
    const locks = new SoloLocks();
    locks.acquire(locks.open(), 'ship/hold/door');
    const { locks: found } = locks.ask(all);
    expect(found.map(({ name, held }) => [name, held[0]?.mode])).toEqual([
      ['ship', 'intent-exclusive'],
      ['ship/hold', 'intent-exclusive'],
      ['ship/hold/door', 'exclusive'],
    ]);
  });

  it('says how each is used', () => {
    const [, second] = used().ask(all).locks;
    expect(second).toEqual({
      name: 'a-2',
      held: [{ mode: 'exclusive', holders: 1 }],
      waiters: 1,
      delayedUntilMs: undefined,
    });
  });

  it('starts at the prefix when told to go on after a name before it', () => {
    expect(namesIn(used().ask({ ...all, prefix: 'b', after: 'a-2' }))).toEqual(['b-1']);
  });
});

describe('following a request', () => {
  it('tells its position while it waits and its fence from the grant on', () => {
    const locks = new SoloLocks();
    const [ann, bob, cid] = [locks.open(), locks.open(), locks.open()];
    const fence = fenceIn(locks.acquire(ann, 'door', { request: 'a' }));
    locks.acquire(bob, 'door', { request: 'b' });
    locks.acquire(cid, 'door', { request: 'c' });
    expect(locks.ask({ kind: 'request', request: 'c' })).toMatchObject({
      state: 'queued',
      position: 2,
      items: [{ lock: 'door', fence: undefined }],
    });
    locks.cancel('a');
    expect(locks.ask({ kind: 'request', request: 'a' })).toMatchObject({
      state: 'released',
      items: [{ fence }],
      position: undefined,
    });
    expect(locks.ask({ kind: 'request', request: 'b' })).toMatchObject({
      state: 'granted',
      items: [{ fence: fence + 1n }],
    });
    expect(locks.ask({ kind: 'request', request: 'c' })).toMatchObject({ position: 1 });
  });

  it('lists what a session holds and waits for', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    locks.acquire(bob, 'gate');
    locks.acquire(ann, 'gate', { request: 'w' });
    locks.acquire(ann, 'b', { request: 'h2' });
    locks.acquire(ann, 'a', { request: 'h1' });
    const { holds, waits } = locks.ask({ kind: 'session', session: ann });
    expect(holds.map(({ request, items }) => [request, items[0]?.lock])).toEqual([
      ['h1', 'a'],
      ['h2', 'b'],
    ]);
    expect(waits.map(({ request, state }) => [request, state])).toEqual([['w', 'queued']]);
  });
});

describe('checking sequencers', () => {
  it('knows a grant that stands from one that does not', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    const old = fenceIn(locks.acquire(ann, 'door'));
    locks.release(ann, 'door', old);
    const fence = fenceIn(locks.acquire(bob, 'door'));
    const check = (lock: string, each: bigint, mode?: 'shared' | 'exclusive') =>
      locks.ask({ kind: 'check', sequencers: [{ lock, fence: each, mode }] }).results[0];
    expect(check('door', fence)).toEqual({ valid: true, currentFence: fence });
    expect(check('door', fence, 'exclusive')?.valid).toBe(true);
    expect(check('door', fence, 'shared')?.valid).toBe(false);
    expect(check('door', old)).toEqual({ valid: false, currentFence: fence });
    expect(check('gate', fence)).toEqual({ valid: false, currentFence: undefined });
  });
});
