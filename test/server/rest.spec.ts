import { GroupHarness } from './group-harness';
import { rest } from './rest-client';

jest.setTimeout(180_000);

describe('a group of three over REST', () => {
  let group: GroupHarness;
  /** The first backup is the door: what it answers has been through the primary. */
  let door: string;

  beforeAll(async () => {
    group = await GroupHarness.start();
    door = `${(await group.backups())[0]?.url ?? ''}/v1`;
  });
  afterAll(() => group.stop());

  async function openSession(name: string): Promise<string> {
    const { status, body } = await rest(`${door}/sessions`, 'POST', { ttlMs: 120_000, name });
    expect(status).toBe(201);
    return String(body['id']);
  }

  const acquire = (lock: string, session: string, more: object = {}, headers = {}) =>
    rest(`${door}/locks/${lock}/acquire`, 'POST', { session, ...more }, headers);

  it('keeps a lock, its fence and its queue through the death of the primary', async () => {
    const ann = await openSession('ann');
    const bob = await openSession('bob');
    const held = await acquire('door', ann);
    expect(held).toMatchObject({ status: 200, body: { state: 'granted', mode: 'exclusive' } });
    const waiting = await acquire('door', bob);
    expect(waiting).toMatchObject({ status: 202, body: { state: 'queued', position: 1 } });

    await (await group.primary()).kill();
    const lock = await rest(`${door}/locks/door`);
    expect(lock.body['holders']).toMatchObject([{ session: ann, fence: held.body['fence'] }]);
    expect(lock.body['waiters']).toMatchObject([{ session: bob, position: 1 }]);

    const fence = held.body['fence'];
    const released = await rest(`${door}/locks/door/release`, 'POST', { session: ann, fence });
    expect(released).toMatchObject({ status: 200, body: { outcome: 'released' } });
    const granted = await rest(`${door}/requests/${String(waiting.body['request'])}?waitMs=10000`);
    expect(granted).toMatchObject({ status: 200, body: { state: 'granted', session: bob } });
    expect(BigInt(String(granted.body['fence']))).toBeGreaterThan(BigInt(String(fence)));
    await group.startAll();
  });

  it('answers a queued acquire that is held open when the lock is granted', async () => {
    const ann = await openSession('ann');
    const bob = await openSession('bob');
    const held = await acquire('gate', ann);
    const waiting = acquire('gate', bob, { holdMs: 60_000 });
    // The door tells that bob waits; only then is the lock given back.
    await rest(
      `${door}/locks/gate?waitMs=10000&since=${held.headers.get('lockstep-op')?.split('.')[0]}`,
    );
    await rest(`${door}/locks/gate/release`, 'POST', { session: ann, fence: held.body['fence'] });
    expect(await waiting).toMatchObject({ status: 200, body: { state: 'granted', session: bob } });
  });

  it('executes a request once that is sent twice by its key, also through another replica', async () => {
    const key = { 'idempotency-key': 'once' };
    const first = await rest(`${door}/counter/tries`, 'POST', { by: 5 }, key);
    const other = (await group.primary()).url;
    const again = await rest(`${other}/v1/counter/tries`, 'POST', { by: 5 }, key);
    expect(again).toMatchObject({ status: 200, body: { name: 'tries', value: 5 } });
    expect(again.headers.get('lockstep-op')).toBe(first.headers.get('lockstep-op'));
    expect(again.headers.get('lockstep-replayed')).toBe('true');
    expect((await rest(`${door}/counter/tries`)).body['value']).toBe(5);
    const reused = await rest(`${door}/counter/tries`, 'POST', { by: 6 }, key);
    expect(reused).toMatchObject({ status: 409, body: { code: 'request-reused' } });
  });

  it('answers a repeated acquire with what has become of it', async () => {
    const ann = await openSession('ann');
    const first = await acquire('once', ann, { requestNumber: 1 });
    const again = await acquire('once', ann, { requestNumber: 1 });
    expect(again.body).toMatchObject({ state: 'granted', fence: first.body['fence'] });
    await rest(`${door}/locks/once/release`, 'POST', { session: ann, fence: first.body['fence'] });
    const late = await acquire('once', ann, { requestNumber: 1 });
    expect(late).toMatchObject({ status: 200, body: { state: 'released' } });
  });

  it('says who holds a lock that is only tried, and refuses a fence that is not the current one', async () => {
    const ann = await openSession('ann');
    const bob = await openSession('bob');
    await acquire('tried', ann, { note: 'nightly job' });
    const refused = await acquire('tried', bob, { waitMs: 0 });
    expect(refused).toMatchObject({
      status: 423,
      body: { code: 'lock-held', holder: { session: ann, note: 'nightly job' } },
    });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    const stale = await rest(`${door}/locks/tried/release`, 'POST', { session: ann, fence: '1' });
    expect(stale).toMatchObject({ status: 412, body: { code: 'stale-fence' } });
  });

  it('shows a session with what it holds, releases all of it on close, and closes twice', async () => {
    const ann = await openSession('ann');
    const held = await acquire('theirs', ann);
    const session = await rest(`${door}/sessions/${ann}`);
    expect(session.body).toMatchObject({ id: ann, name: 'ann', holds: [{ lock: 'theirs' }] });
    const { sequencer } = held.body;
    const check = () => rest(`${door}/sequencers/check`, 'POST', { sequencers: [sequencer] });
    expect((await check()).body).toMatchObject({ results: [{ valid: true }] });
    expect((await rest(`${door}/sessions/${ann}`, 'DELETE')).status).toBe(204);
    expect((await rest(`${door}/sessions/${ann}`, 'DELETE')).status).toBe(204);
    expect((await check()).body).toMatchObject({ results: [{ valid: false }] });
    expect((await rest(`${door}/sessions/${ann}`)).status).toBe(404);
    const late = await acquire('theirs', ann);
    expect(late).toMatchObject({ status: 410, body: { code: 'session-expired' } });
    const kept = await rest(`${door}/sessions/${ann}/keepalive`, 'POST');
    expect(kept).toMatchObject({ status: 410, body: { code: 'session-expired' } });
  });

  it('cancels a request that waits, and one that was granted', async () => {
    const ann = await openSession('ann');
    const bob = await openSession('bob');
    const held = await acquire('wanted', ann);
    const waiting = await acquire('wanted', bob);
    const cancel = (request: unknown) => rest(`${door}/requests/${String(request)}`, 'DELETE');
    expect((await cancel(waiting.body['request'])).body).toEqual({ outcome: 'cancelled' });
    expect((await cancel(held.body['request'])).body).toEqual({ outcome: 'released' });
    const lock = await rest(`${door}/locks/wanted`);
    expect(lock.body).toMatchObject({ holders: [], waiters: [] });
  });

  it('names locks with slashes and any text', async () => {
    const ann = await openSession('ann');
    const name = 'orders/42 ✓';
    await acquire(encodeURIComponent(name), ann);
    const listed = await rest(`${door}/locks?prefix=orders%2F`);
    expect(listed.body['locks']).toMatchObject([{ name }]);
    expect((await rest(`${door}/locks/${encodeURIComponent(name)}`)).body['name']).toBe(name);
  });

  it('creates, renames and lists files, also by names that are no text', async () => {
    const fs = `${door}/fs/main`;
    expect((await rest(`${fs}/path/box`, 'PUT', { type: 'dir', mode: 0o755 })).status).toBe(201);
    expect((await rest(`${fs}/path/box/a`, 'PUT', { type: 'file' })).status).toBe(201);
    expect((await rest(`${fs}/path/box/a`, 'PUT', { type: 'file' })).status).toBe(200);
    const exclusive = { 'if-none-match': '*' };
    const there = await rest(`${fs}/path/box/a`, 'PUT', { type: 'file' }, exclusive);
    expect(there).toMatchObject({ status: 409, body: { code: 'EEXIST' } });
    expect((await rest(`${fs}/path/box/%FF`, 'PUT', { type: 'file' })).status).toBe(201);
    const renamed = await rest(`${fs}/rename`, 'POST', { from: '/box', to: '/crate' });
    expect(renamed.status).toBe(200);
    const listed = await rest(`${fs}/entries/crate`);
    expect(listed.body['entries']).toMatchObject([{ name: 'a' }, { nameBase64: '/w==' }]);
    const gone = await rest(`${fs}/path/box/a`);
    expect(gone).toMatchObject({ status: 404, body: { code: 'ENOENT', component: 'box' } });
  });

  it('sets attributes all or none, and tells an unchanged file by its tag', async () => {
    const fs = `${door}/fs/main`;
    await rest(`${fs}/path/plain`, 'PUT', { type: 'file', mode: 0o644 });
    const set = await rest(`${fs}/path/plain`, 'PATCH', {
      mode: 0o600,
      uid: 7,
      mtime: '1500000000',
    });
    expect(set).toMatchObject({
      status: 200,
      body: { mode: 0o600, uid: 7, mtimeNs: '1500000000' },
    });
    const etag = String(set.headers.get('etag'));
    const unchanged = await rest(`${fs}/path/plain`, 'GET', undefined, { 'if-none-match': etag });
    expect(unchanged.status).toBe(304);
    const other = { 'lockstep-caller': 'uid=1000; gids=1000' };
    const denied = await rest(`${fs}/path/plain`, 'PATCH', { size: 1, mode: 0o666 }, other);
    expect(denied).toMatchObject({ status: 403, body: { code: 'EACCES' } });
    expect((await rest(`${fs}/path/plain`)).headers.get('etag')).toBe(etag);
  });

  it('executes operations in order and stops at the first error', async () => {
    const ops = [
      { kind: 'mkdir', path: '/batch' },
      { kind: 'rmdir', path: '/missing' },
      { kind: 'rmdir', path: '/batch' },
    ];
    const { body } = await rest(`${door}/fs/main/ops`, 'POST', { ops });
    expect(body['results']).toMatchObject([
      { result: { type: 'dir' } },
      { problem: { code: 'ENOENT', path: '/missing' } },
    ]);
    expect((await rest(`${door}/fs/main/path/batch`, 'DELETE')).status).toBe(204);
  });

  it('reads its own writes from any replica by the op it has seen', async () => {
    const written = await rest(`${door}/counter/seen`, 'POST', {});
    const minOp = String(written.headers.get('lockstep-op')).split('.')[0];
    for (const { url } of group.replicas) {
      const read = await rest(`${url}/v1/counter/seen?consistency=stale&minOp=${minOp}`);
      expect(read).toMatchObject({ status: 200, body: { value: 1 } });
      expect(read.headers.get('lockstep-read')).toBe('stale');
    }
    const read = await rest(`${door}/counter/seen`);
    expect(read.headers.get('lockstep-read')).toMatch(/^(lease|index)$/);
  });

  it("reads by the primary's lease at any door, or says that it holds none now", async () => {
    for (const { url } of group.replicas) {
      let read = await rest(`${url}/v1/counter/leased?consistency=lease`);
      while (read.status === 503) {
        expect(read.body).toMatchObject({ code: 'no-lease', retryAfterMs: 100 });
        read = await rest(`${url}/v1/counter/leased?consistency=lease`);
      }
      expect(read).toMatchObject({ status: 200, body: { value: 0 } });
      expect(read.headers.get('lockstep-read')).toBe('lease');
    }
  });

  it('tells who is primary, that it is ready, and the same digest on every replica', async () => {
    const primary = await group.primary();
    const cluster = (await rest(`${door}/cluster`)).body;
    const replicas = cluster['replicas'] as { id: string; url: string }[];
    expect(replicas.find(({ id }) => id === cluster['primary'])?.url).toBe(primary.url);
    const { body: written } = await rest(`${door}/fs/main/digest`);
    for (const { url } of group.replicas) {
      expect((await rest(`${url}/health/ready`)).status).toBe(200);
      // A linearizable read makes every replica wait for the newest op before it is compared.
      await rest(`${url}/v1/fs/main/path/`);
      expect((await rest(`${url}/v1/fs/main/digest`)).body['digest']).toBe(written['digest']);
    }
    const found = await rest(`${primary.url}/.well-known/lockstep`);
    expect(found.body['primary']).toBe(cluster['primary']);
  });

  it('moves to the next view when the primary steps down, and goes on', async () => {
    const before = await group.primary();
    const view = before.state?.view ?? 0;
    const [backup] = await group.backups();
    const passedOn = await rest(`${String(backup?.url)}/v1/cluster/step-down`, 'POST');
    expect(passedOn).toMatchObject({ status: 202, body: { view } });
    expect((await rest(`${door}/counter/moved`, 'POST', {})).body['value']).toBe(1);
    const after = await group.primary();
    expect(after.state?.view).toBeGreaterThan(view);
  });

  it('hands over before it stops in good order, and exits with 0', async () => {
    const primary = await group.primary();
    expect(await primary.terminate()).toBe(0);
    const other = (await group.primary()).url;
    expect((await rest(`${other}/v1/counter/stopped`, 'POST', {})).body['value']).toBe(1);
    await group.startAll();
  });

  it('has everything it acknowledged after all replicas were killed at once', async () => {
    const ann = await openSession('ann');
    const held = await acquire('survivor', ann);
    await rest(`${door}/counter/survivor`, 'POST', { by: 41 });
    await rest(`${door}/fs/main/path/survivor`, 'PUT', { type: 'dir' });
    await group.killAll();
    await group.startAll();
    const lock = await rest(`${door}/locks/survivor`);
    expect(lock.body['holders']).toMatchObject([{ session: ann, fence: held.body['fence'] }]);
    expect((await rest(`${door}/counter/survivor`)).body['value']).toBe(41);
    const listed = await rest(`${door}/fs/main/entries/`);
    const names = (listed.body['entries'] as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['crate', 'plain', 'survivor']));
  });

  it('answers no-primary, and when to come again, while there is no quorum', async () => {
    const [survivor, ...others] = group.replicas;
    await Promise.all(others.map((replica) => replica.kill()));
    const url = `${survivor?.url ?? ''}/v1/counter/alone`;
    const refused = await rest(url, 'POST', {}, { prefer: 'wait=1' });
    expect([503, 504]).toContain(refused.status);
    expect(['no-primary', 'outcome-unknown']).toContain(refused.body['code']);
    await group.startAll();
    expect((await rest(`${door}/cluster`)).body['status']).toBe('normal');
  });
});
