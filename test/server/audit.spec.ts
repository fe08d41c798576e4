import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GroupHarness } from './group-harness';
import { rest, type RestAnswer } from './rest-client';

interface Line {
  readonly event: string;
  readonly principal: string;
  readonly what: string;
  readonly outcome?: string;
  readonly op?: string;
  readonly requestId?: string;
  readonly details: Record<string, unknown>;
}

jest.setTimeout(120_000);

describe('what is done as an administrator', () => {
  let group: GroupHarness;

  beforeAll(async () => {
    group = await GroupHarness.start({ replicas: 1 });
  });
  afterAll(() => group.stop());

  const replica = () => {
    const [only] = group.replicas;
    if (only === undefined) throw new Error('there is no replica');
    return only;
  };
  const ask = (path: string, method = 'GET', body?: unknown, headers = {}): Promise<RestAnswer> =>
    rest(`${replica().url}${path}`, method, body, headers);
  const file = () => join(replica().dataFolder, 'audit.log');
  const lines = () =>
    readFileSync(file(), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);

  it('is on the disk before it is answered: who, what, under which request, and what came of it', async () => {
    const { body: session } = await ask('/v1/sessions', 'POST', { ttlMs: 60_000 });
    const acquired = await ask('/v1/locks/door/acquire', 'POST', { session: session['id'] });
    const broken = await ask(
      '/v1/locks/door/break',
      'POST',
      { fence: acquired.body['fence'], reason: 'the host is gone' },
      { 'x-request-id': 'ticket-7' },
    );
    expect(broken.status).toBe(200);
    const [asked, ended] = lines().slice(-2);
    const expected = {
      principal: 'local',
      what: 'locks break',
      requestId: 'ticket-7',
      details: { lock: 'door', fence: acquired.body['fence'], reason: 'the host is gone' },
    };
    expect(asked).toMatchObject({ event: 'asked', ...expected });
    expect(ended).toMatchObject({ event: 'ended', outcome: 'done', ...expected });
    expect(ended?.op).toMatch(/^\d+\.\d+$/);
  });

  it('is not what clients do', async () => {
    const before = lines().length;
    await ask('/v1/counter/any', 'POST', {});
    await ask('/v1/cluster');
    expect(lines()).toHaveLength(before);
  });

  it('is what a replica does by itself as well, and can be read back', async () => {
    const set = await ask('/v1/debug/log-level', 'PUT', { level: 'warn' });
    expect(set.status).toBeLessThan(300);
    const { body } = await ask('/v1/cluster/audit?limit=2');
    expect(body['entries']).toMatchObject([
      { event: 'ended', what: 'PUT /v1/debug/log-level', outcome: `status ${set.status}` },
      { event: 'asked', what: 'PUT /v1/debug/log-level', details: { level: 'warn' } },
    ]);
  });

  it('is not done when it cannot be written down', async () => {
    await replica().terminate();
    // Nobody can append to a folder, root neither.
    await rm(file());
    await mkdir(file());
    await group.startAll();
    const refused = await ask('/v1/cluster/checkpoint', 'POST');
    expect(refused).toMatchObject({ status: 503, body: { code: 'audit-failed' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await ask('/v1/debug/log-level', 'PUT', { level: 'error' })).toMatchObject({
      status: 503,
    });
    expect((await ask('/v1/debug/log-level')).body).not.toMatchObject({ level: 'error' });
    expect((await ask('/v1/counter/any', 'POST', {})).status).toBe(200);
  });
});
