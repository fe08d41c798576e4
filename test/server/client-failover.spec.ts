import { connect, LockHeldError, type Client } from '@lockstep/client';
import { GroupHarness } from './group-harness';

jest.setTimeout(120_000);

describe('a client and a group whose primary dies', () => {
  let group: GroupHarness;
  let client: Client;

  beforeAll(async () => {
    group = await GroupHarness.start();
    // One address is enough: the group tells of the others.
    const primary = await group.primary();
    client = await connect({ endpoints: [primary.url], timeoutMs: 60_000 });
  });
  afterAll(async () => {
    client.abandon();
    await group.stop();
  });

  /** Kills the primary, and brings it back when the group has another. */
  async function replacePrimary(): Promise<void> {
    const primary = await group.primary();
    await primary.kill();
    await group.primary();
  }

  it('does everything once that was under way when the primary died', async () => {
    const session = await client.openSession();
    const adding = Array.from({ length: 300 }, () => session.counters.add('once'));
    await adding[0];
    const killed = replacePrimary();
    adding.push(...Array.from({ length: 300 }, () => session.counters.add('once')));
    const values = await Promise.all(adding);
    await killed;
    expect([...values].sort((a, b) => a - b)).toEqual(values.map((_, n) => n + 1));
    expect(await session.counters.get('once')).toBe(600);
    await session.close();
    await group.startAll();
  });

  it('holds its lock under the same fence, and the next in the queue gets it', async () => {
    const ann = await client.openSession({ name: 'ann' });
    const bob = await client.openSession({ name: 'bob' });
    const held = await ann.locks.acquire('door');
    const waiting = bob.locks.acquire('door');
    await expect(bob.locks.acquire('door', { owner: 'other', waitMs: 0 })).rejects.toThrow(
      LockHeldError,
    );
    await replacePrimary();
    const seen = await ann.locks.inspect('door');
    expect(seen.holders).toMatchObject([{ session: ann.id, fence: held.fence.toString() }]);
    expect(seen.waiters).toMatchObject([{ session: bob.id, position: 1 }]);
    held.assertHeld();
    expect(await held.release()).toBe('released');
    const next = await waiting;
    expect(next.fence).toBeGreaterThan(held.fence);
    await ann.close();
    await bob.close();
    await group.startAll();
  });

  it('keeps the tree', async () => {
    const { files } = client;
    await files.mkdir('/a', { mode: 0o755 });
    await files.create('/a/one', { mode: 0o640 });
    await files.rename('/a', '/b');
    await replacePrimary();
    expect(await files.stat('/b/one')).toMatchObject({ type: 'file', mode: 0o640, nlink: 1 });
    await expect(files.stat('/a')).rejects.toMatchObject({ code: 'ENOENT', errno: -2 });
    const names = [];
    for await (const { name } of files.entries('/b')) names.push(name);
    expect(names).toEqual(['one']);
    await group.startAll();
  });

  it('knows the whole group and follows its views', async () => {
    const { view, replicas } = await client.cluster();
    expect(replicas.map(({ url }) => url)).toEqual(group.replicas.map(({ url }) => url));
    expect(client.view!.view).toBe(view);
  });
});
