import { fnvHash, beginGeneration, epochNumber, type ByteString } from '@lockstep/vr-core';
import { SoloLocks } from '../twin/solo-locks';

const begin = (locks: SoloLocks, generation: number) =>
  beginGeneration(
    locks.solo.execution,
    {
      generation,
      members: [],
      after: { opNumber: locks.solo.execution.executed, hash: 'head' as ByteString },
      epochNumber: epochNumber(0),
      wall: { seconds: 0, nanos: 0 },
    },
    fnvHash,
  );

describe('locks in a new generation of the group (decision 6)', () => {
  it('are free, and their fences are above all that an earlier generation may have given out', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    locks.acquire(ann, 'door');
    locks.acquire(bob, 'door', { waitMs: 60_000 });
    locks.acquire(bob, 'gate');
    begin(locks, 3);
    for (const name of ['door', 'gate'])
      expect(locks.ask({ kind: 'lock', name })).toMatchObject({ holders: [], waiterCount: 0 });
    const cat = locks.open();
    const granted = locks.acquire(cat, 'door');
    expect(granted.kind === 'granted' && (granted.grants[0]?.fence ?? 0n) > 3n << 44n).toBe(true);
    expect([...locks.solo.execution.internalErrors]).toEqual([]);
  });

  it('are all free when one session held more than one step of a Tick ends', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    for (let n = 0; n < 600; n += 1) locks.acquire(n % 2 ? ann : bob, `lock-${n}`);
    begin(locks, 2);
    locks.solo.advance(0);
    locks.solo.advance(1_000);
    const held = locks.ask({
      kind: 'locks',
      prefix: '',
      state: 'held',
      after: undefined,
      limit: 9,
    });
    expect(held).toMatchObject({ locks: [] });
  });
});
