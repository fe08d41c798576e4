import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, GroupHarness } from './group-harness';
import { lockstep } from './lockstep-program';
import { rest } from './rest-client';

jest.setTimeout(300_000);

describe('a group that has lost its quorum', () => {
  let base: string;
  let group: GroupHarness;
  const others: GroupHarness[] = [];

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'lockstep-recover-group-'));
    group = await GroupHarness.start();
  });

  afterAll(async () => {
    for (const other of others) await other.stop();
    await group.stop();
    await rm(base, { recursive: true, force: true });
  });

  it('is made again from one disk of three, when the loss is accepted, and not otherwise', async () => {
    const { url } = await group.primary();
    const { id: session } = (await rest(`${url}/v1/sessions`, 'POST', { ttlMs: 600_000 })).body;
    const { fence } = (await rest(`${url}/v1/locks/door/acquire`, 'POST', { session })).body;
    for (let n = 0; n < 5; n += 1)
      expect((await rest(`${url}/v1/fs/main/path/f${n}`, 'PUT', { type: 'file' })).status).toBe(
        201,
      );
    const before = (await rest(`${url}/v1/cluster`)).body;
    const to = join(base, 'again');
    const data = (...numbers: readonly number[]) => [
      '--data',
      ...numbers.map((number) => join(group.folder, `replica-${number}`)),
    ];

    const running = await lockstep('recover-group', ...data(1), '--to', to, '--accept-loss');
    expect(running).toMatchObject({ code: 2 });
    expect(running.stderr).toMatch(/Another process serves/);
    await group.killAll();
    const quorum = await lockstep('recover-group', ...data(1, 2), '--to', to, '--accept-loss');
    expect(quorum).toMatchObject({ code: 2 });
    expect(quorum.stderr).toMatch(/2 of 3 replicas are whole: that is a quorum/);
    const asked = await lockstep('recover-group', ...data(1), '--to', to);
    expect(asked).toMatchObject({ code: 2 });
    expect(asked.stderr).toMatch(/MAY BE LOST: .* with the help of r0-\w+, r2-\w+/);
    expect(await readdir(base)).toEqual([]);

    const port = await freePorts(3);
    const made = await lockstep(
      ...['recover-group', ...data(1), '--to', to, '--accept-loss'],
      ...['--base-port', `${port}`, '-o', 'json'],
    );
    expect(made.json()).toMatchObject({ groupId: before['groupId'], generation: 2 });
    const again = await GroupHarness.startMade(to, 3, port);
    others.push(again);
    const primary = await again.primary();
    const after = (await rest(`${primary.url}/v1/cluster`)).body;
    expect(after).toMatchObject({
      groupId: before['groupId'],
      incarnation: 2,
      origin: { kind: 'recovered', generation: 1 },
    });
    expect(primary.log).toMatch(/this group is generation 2: recovered/);
    for (let n = 0; n < 5; n += 1)
      expect((await rest(`${primary.url}/v1/fs/main/path/f${n}`)).status).toBe(200);
    const late = await rest(`${primary.url}/v1/locks/door/acquire`, 'POST', { session });
    expect(late.body).toMatchObject({ code: 'session-expired' });
    const opened = (await rest(`${primary.url}/v1/sessions`, 'POST', { ttlMs: 600_000 })).body;
    const granted = await rest(`${primary.url}/v1/locks/door/acquire`, 'POST', {
      session: opened['id'],
    });
    expect(BigInt(String(granted.body['fence']))).toBeGreaterThan(BigInt(String(fence)));

    const old = group.replicas[1]!;
    old.spawn();
    expect(await old.ended()).toBe(2);
    expect(old.farewell).toMatch(/a generation that was given up/);
  });
});
