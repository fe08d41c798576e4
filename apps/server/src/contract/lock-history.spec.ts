import { Door } from './door';
import type { JsonObject } from './json';
import { LockHistories } from './lock-history';
import { Desk } from './solo-desk';

describe('the history of a lock', () => {
  let desk: Desk;
  let ann: string;
  let bob: string;

  beforeEach(() => {
    desk = new Desk();
    ann = desk.open();
    bob = desk.open();
  });

  const acquire = (lock: string, session: string, more: JsonObject = {}) => {
    const op = { kind: 'acquire', lock, session, ...more };
    const { fence } = desk.do('locks', op) as JsonObject;
    return { lock, session, fence };
  };
  const history = async (lock: string, limit = 100) => {
    const told = await new LockHistories(desk.solo.execution, new Door()).read(lock, limit);
    return told['owners'];
  };

  it('names its owners, the newest first, with what ended each', async () => {
    const first = acquire('door', ann);
    acquire('doorbell', ann);
    desk.solo.stall(500);
    desk.do('locks', { kind: 'release', ...first });
    const second = acquire('door', bob);
    const broken = { kind: 'break', lock: 'door', fence: second.fence, reason: 'stuck' };
    desk.do('locks', broken);
    const third = acquire('door', ann);
    expect(await history('door')).toMatchObject([
      { session: ann, fence: third.fence },
      { session: bob, fence: second.fence, cause: 'broken', by: 'local', reason: 'stuck' },
      { session: ann, fence: first.fence, cause: 'released', heldMs: 500, mode: 'exclusive' },
    ]);
    expect(await history('door', 1)).toMatchObject([{ fence: third.fence }]);
    expect(await history('do')).toEqual([]);
  });

  it('shows a stronger mode as a grant of its own, a weaker one as the same', async () => {
    const held = acquire('door', ann, { mode: 'shared' });
    const convert = { kind: 'convert', ...held };
    const { fence } = desk.do('locks', { ...convert, mode: 'exclusive' }) as JsonObject;
    desk.do('locks', { ...convert, fence, mode: 'update' });
    expect(await history('door')).toMatchObject([
      { fence, mode: 'update', session: ann },
      { fence: held.fence, mode: 'shared', cause: 'converted' },
    ]);
  });

  it('says from which op on it is complete', async () => {
    const told = await new LockHistories(desk.solo.execution, new Door()).read('door', 10);
    expect(told).toMatchObject({ lock: 'door', completeFrom: '1', owners: [] });
  });

  it('is not told at a door that is closed, nor to more than a few at once', async () => {
    const door = new Door();
    const histories = new LockHistories(desk.solo.execution, door);
    const all = Array.from({ length: 5 }, () => histories.read('door', 10));
    const told = await Promise.allSettled(all);
    expect(told.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect(told[4]).toMatchObject({ reason: { code: 'busy' } });
    door.refusal = door.moved();
    await expect(histories.read('door', 10)).rejects.toMatchObject({ code: 'moved' });
  });
});
