import { createReadStream } from 'node:fs';
import { cp, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@lockstep/vr-core';
import { DamagedBackup } from '../../apps/server/src/backup/damaged-backup';
import { loadState } from '../../apps/server/src/backup/load-state';
import { freePorts, GroupHarness } from './group-harness';
import { lockstep } from './lockstep-program';
import { rest } from './rest-client';

jest.setTimeout(300_000);

const openSession = async (url: string): Promise<string> =>
  String((await rest(`${url}/v1/sessions`, 'POST', { ttlMs: 600_000 })).body['id']);

const acquire = async (url: string, session: string) =>
  (await rest(`${url}/v1/locks/door/acquire`, 'POST', { session })).body;

const makeFile = async (url: string, name: string, more: object = {}): Promise<number> =>
  (await rest(`${url}/v1/fs/main/path/${name}`, 'PUT', { type: 'file', ...more })).status;

const statusOf = async (url: string, name: string): Promise<number> =>
  (await rest(`${url}/v1/fs/main/path/${name}`)).status;

/** What a replica says of its files, and at which op. */
async function digestOf(url: string): Promise<{ readonly op: number; readonly digest: string }> {
  const { body } = await rest(`${url}/v1/fs/main/digest`);
  return { op: Number(body['op']), digest: String(body['digest']) };
}

describe('a backup of a running group', () => {
  let base: string;
  let group: GroupHarness;
  const others: GroupHarness[] = [];

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'lockstep-backup-'));
  });

  beforeAll(async () => {
    group = await GroupHarness.start();
  });

  afterEach(async () => {
    for (const other of others.splice(0)) await other.stop();
    await rm(base, { recursive: true, force: true });
  });

  afterAll(() => group.stop());

  const urls = () => group.replicas.map(({ url }) => url).join();
  const path = (name: string) => join(base, name);

  const take = async (name: string, ...more: readonly string[]) =>
    (await lockstep('backup', '--url', urls(), '--to', path(name), '-o', 'json', ...more)).json();

  /** As `backup --verify` does, without a process. */
  const load = async (name: string, atOp?: number) => {
    const { execution, ...found } = await loadState(createReadStream(path(name)), atOp);
    return { ...found, files: toHex(execution.digest('files')) };
  };

  const restore = async (name: string, ...more: readonly string[]) => {
    const port = await freePorts(3);
    const to = ['--to', path(`${name}.group`), '--base-port', `${port}`, '-o', 'json'];
    const made = (await lockstep('restore', '--from', path(name), ...to, ...more)).json();
    const other = await GroupHarness.startMade(path(`${name}.group`), 3, port);
    others.push(other);
    return { made, other, url: (await other.primary()).url };
  };

  it('is the state at one op, and at every op between its checkpoint and its end, also when the primary is killed meanwhile', async () => {
    const primary = await group.primary();
    const seen = new Map<number, string>();
    const watched = (await group.backups())[0]!;
    await makeFile(primary.url, 'before');
    await rest(`${primary.url}/v1/cluster/checkpoint`, 'POST');
    let isOver = false;
    let acknowledgedOp = 0;
    const write = async (n: number) => {
      const made = await rest(`${watched.url}/v1/fs/main/path/f${n}`, 'PUT', { type: 'file' });
      if (made.status === 201) acknowledgedOp = Number.parseInt(made.headers.get('lockstep-op')!);
      const { op, digest } = await digestOf(watched.url);
      seen.set(op, digest);
    };
    for (let n = 0; n < 20; n += 1) await write(n);
    const writer = async () => {
      for (let n = 20; !isOver; n += 1) await write(n);
    };
    const writing = writer();
    const acknowledgedBefore = acknowledgedOp;
    const taking = take('load.backup');
    await primary.kill();
    const taken = await taking;
    isOver = true;
    await writing;
    const { from, through } = await load('load.backup');
    expect([from, through]).toEqual([taken['from'], taken['through']]);
    const inside = [...seen].filter(([op]) => op >= from && op <= through);
    expect(inside.length).toBeGreaterThan(5);
    for (const [op, digest] of [inside[0]!, inside[3]!, inside.at(-1)!])
      expect((await load('load.backup', op)).files).toBe(digest);
    // Whatever was acknowledged before it began is in it.
    expect(through).toBeGreaterThanOrEqual(acknowledgedBefore);
    primary.spawn();
  });

  it('becomes a group of another generation: no sessions, free locks, higher fences, no ephemeral names, and the same rest', async () => {
    const { url } = await group.primary();
    const session = await openSession(url);
    await rest(`${url}/v1/cluster/checkpoint`, 'POST');
    await makeFile(url, 'kept');
    const { op, digest } = await digestOf(url);
    const add = { by: 3 };
    const once = { 'idempotency-key': 'once' };
    await rest(`${url}/v1/counter/n`, 'POST', add, once);
    const { fence } = await acquire(url, session);
    await makeFile(url, 'mine', { ephemeral: true, session });
    await take('whole.backup');
    const later = await openSession(url);

    const whole = await restore('whole.backup');
    const cluster = (await rest(`${whole.url}/v1/cluster`)).body;
    expect(cluster).toMatchObject({ incarnation: 2, origin: { kind: 'restored', generation: 1 } });
    expect(cluster['groupId']).not.toBe((await rest(`${url}/v1/cluster`)).body['groupId']);
    expect([await statusOf(whole.url, 'kept'), await statusOf(whole.url, 'mine')]).toEqual([
      200, 404,
    ]);
    for (const old of [session, later])
      expect(await acquire(whole.url, old)).toMatchObject({ code: 'session-expired' });
    const granted = await acquire(whole.url, await openSession(whole.url));
    expect(BigInt(String(granted['fence']))).toBeGreaterThan(2n << 44n);
    expect(BigInt(String(fence))).toBeLessThan(2n << 44n);
    const again = await rest(`${whole.url}/v1/counter/n`, 'POST', add, once);
    expect(again.headers.get('lockstep-replayed')).toBe('true');
    expect((await rest(`${whole.url}/v1/counter/n`)).body).toMatchObject({ value: 3 });

    // The folder of the first restore is not written over.
    const onto = ['--from', path('whole.backup'), '--to', path('whole.backup.group')];
    expect(await lockstep('restore', ...onto)).toMatchObject({ code: 2 });
    await cp(path('whole.backup'), path('earlier.backup'));
    const earlier = await restore('earlier.backup', '--at-op', `${op}`, '--generation', '9');
    expect((await digestOf(earlier.url)).digest).toBe(digest);
    expect((await rest(`${earlier.url}/v1/cluster`)).body).toMatchObject({ incarnation: 9 });
    const restarted = earlier.other;
    await restarted.killAll();
    await restarted.startAll();
    expect((await digestOf((await restarted.primary()).url)).digest).toBe(digest);
  });

  it('can be continued while the log is kept, and goes on from what a crash has cut off', async () => {
    const { url } = await group.primary();
    await makeFile(url, 'first');
    const first = await take('grows.backup');
    await makeFile(url, 'second');
    const { op, digest } = await digestOf(url);
    await makeFile(url, 'third');
    const goOn = () =>
      lockstep('backup', '--url', urls(), '--continue', path('grows.backup'), '-o', 'json');
    const grown = (await goOn()).json();
    expect(grown).toMatchObject({ from: first['from'] });
    expect(Number(grown['through'])).toBeGreaterThan(op);
    expect((await load('grows.backup', op)).files).toBe(digest);
    await truncate(path('grows.backup'), Number(grown['bytes']) - 10);
    expect(await lockstep('backup', '--verify', path('grows.backup'))).toMatchObject({ code: 2 });
    expect((await goOn()).json()).toMatchObject({ from: first['from'] });
    expect((await load('grows.backup', op)).files).toBe(digest);
    const verify = ['backup', '--verify', path('grows.backup'), '-o', 'json'];
    expect((await lockstep(...verify, '--at-op', `${op}`)).json()).toMatchObject({
      op,
      digests: { files: digest },
    });
    const beyond = await lockstep(...verify, '--at-op', '999999');
    expect(beyond).toMatchObject({ code: 2 });
    expect(beyond.stderr).toMatch(/op 999999 is not in it/);
  });

  it('is refused when it was cut or changed anywhere, and then nothing is made of it', async () => {
    const { url } = await group.primary();
    await rest(`${url}/v1/cluster/checkpoint`, 'POST');
    await makeFile(url, 'x');
    await take('good.backup');
    const good = await readFile(path('good.backup'));
    const bad: [what: string, bytes: Buffer][] = [
      ['empty', Buffer.alloc(0)],
      ['cut', good.subarray(0, good.length - 1)],
      ['cut', good.subarray(0, good.length / 2)],
    ];
    for (const at of [3, 40, good.length / 3, good.length - 60]) {
      const flipped = Buffer.from(good);
      flipped[Math.floor(at)]! ^= 1;
      bad.push([`flipped at ${Math.floor(at)}`, flipped]);
    }
    for (const [what, bytes] of bad) {
      await writeFile(path('bad.backup'), bytes);
      const found = await load('bad.backup').catch((fault: unknown) => fault);
      expect({ what, isRefused: found instanceof DamagedBackup }).toEqual({
        what,
        isRefused: true,
      });
    }
    const ran = await lockstep('restore', '--from', path('bad.backup'), '--to', path('made'));
    expect(ran).toMatchObject({ code: 2 });
    expect(ran.stderr).toMatch(/bad\.backup: it has been changed before byte \d+/);
    expect((await readdir(base)).sort()).toEqual(['bad.backup', 'good.backup']);
  });

  it('is not held for a client that takes nothing: the replica goes on, and the next is served', async () => {
    const { url } = await group.primary();
    const aborts = [new AbortController(), new AbortController()];
    const ask = (signal: AbortSignal) => fetch(`${url}/v1/cluster/backup`, { signal });
    for (const { signal } of aborts) expect((await ask(signal)).status).toBe(200);
    await makeFile(url, 'meanwhile');
    for (const abort of aborts) abort.abort();
    expect(await statusOf(url, 'meanwhile')).toBe(200);
    await take('after.backup');
    const file = await open(path('after.backup'));
    expect((await file.stat()).size).toBeGreaterThan(100);
    await file.close();
  });
});
