import { verifySequencer } from '../../libs/client/src/sequencer';
import { readServerEvents, type ServerEvent } from '../../libs/client/src/server-events';
import { GroupHarness } from './group-harness';
import { rest } from './rest-client';

jest.setTimeout(180_000);

describe('locks of a group of three over REST', () => {
  let group: GroupHarness;
  /** The first backup is the door: what it answers has been through the primary. */
  let door: string;
  let ann: string;
  let bob: string;

  beforeAll(async () => {
    group = await GroupHarness.start();
    door = `${(await group.backups())[0]?.url ?? ''}/v1`;
  });
  afterAll(() => group.stop());
  beforeEach(async () => {
    ann = await openSession();
    bob = await openSession();
  });

  async function openSession(): Promise<string> {
    const { body } = await rest(`${door}/sessions`, 'POST', { ttlMs: 120_000 });
    return String(body['id']);
  }

  const post = (path: string, body: object) => rest(`${door}/${path}`, 'POST', body);
  const put = (path: string, body: object) => rest(`${door}/${path}`, 'PUT', body);
  const get = (path: string) => rest(`${door}/${path}`);
  const acquire = (lock: string, session: string, more: object = {}) =>
    post(`locks/${encodeURIComponent(lock)}/acquire`, { session, ...more });
  const holding = async (lock: string, session: string, more: object = {}) => {
    const { body } = await acquire(lock, session, more);
    return { session, fence: String(body['fence']) };
  };
  const release = (lock: string, held: object) =>
    post(`locks/${encodeURIComponent(lock)}/release`, held);
  const problem = (status: number, code: string, members: object = {}) => ({
    status,
    body: { status, code, ...members },
  });
  const ok = (body: object) => ({ status: 200, body });

  describe('many at once', () => {
    it('are taken in one step, each with its fence, or waited for together', async () => {
      const locks = [{ name: 'm/a' }, { name: 'm/b', mode: 'shared' }];
      const both = await post('locks/acquire', { session: ann, locks });
      expect(both).toMatchObject(
        ok({ state: 'granted', locks: [{ lock: 'm/a' }, { lock: 'm/b', mode: 'shared' }] }),
      );
      const held = await post('locks/acquire', { session: bob, locks, holdMs: 1 });
      expect(held).toMatchObject({ status: 202, body: { state: 'queued', position: 1 } });
      const waiting = post('locks/acquire', {
        session: bob,
        owner: 'second',
        locks: [{ name: 'm/c' }, { name: 'm/a' }],
        holdMs: 60_000,
      });
      await rest(`${door}/requests/${String(held.body['request'])}`, 'DELETE');
      await rest(`${door}/requests/${String(both.body['request'])}`, 'DELETE');
      expect(await waiting).toMatchObject(
        ok({ state: 'granted', locks: [{ lock: 'm/c' }, { lock: 'm/a' }] }),
      );
    });

    it('are refused when one is asked for twice, or is in the way and nobody wants to wait', async () => {
      const twice = [{ name: 'm/x' }, { name: 'm/x' }];
      const refused = await post('locks/acquire', { session: ann, locks: twice });
      expect(refused).toMatchObject(problem(400, 'invalid', { field: 'locks.1.name' }));
      await acquire('m/y', ann);
      const locks = [{ name: 'm/z' }, { name: 'm/y' }];
      expect(await post('locks/acquire', { session: bob, locks, waitMs: 0 })).toMatchObject(
        problem(423, 'lock-held', { lock: 'm/y', holder: { session: ann } }),
      );
      expect((await get('locks/m%2Fz')).body['holders']).toEqual([]);
    });
  });

  it('converts a lock; a second upgrader in the way is told so', async () => {
    const mine = await holding('convert', ann, { mode: 'shared' });
    const theirs = await holding('convert', bob, { mode: 'shared' });
    const up = { ...mine, mode: 'exclusive', holdMs: 60_000 };
    const converting = post('locks/convert/convert', up);
    let seen = await get('locks/convert');
    while (seen.body['waiterCount'] !== 1) seen = await get('locks/convert');
    const answer = await post('locks/convert/convert', { ...theirs, mode: 'exclusive' });
    expect(answer).toMatchObject(problem(409, 'upgrade-conflict', { holder: { session: ann } }));
    await release('convert', theirs);
    const done = await converting;
    expect(done).toMatchObject(ok({ state: 'granted', mode: 'exclusive' }));
    const down = { session: ann, fence: done.body['fence'], mode: 'update' };
    expect(await post('locks/convert/convert', down)).toMatchObject(
      ok({ state: 'granted', mode: 'update', fence: done.body['fence'] }),
    );
  });

  it('breaks a lock under the fence that was seen, with time for its holder or none', async () => {
    const mine = await holding('break', ann);
    const asked = { fence: mine.fence, reason: 'host is gone' };
    expect(await post('locks/break/break', { ...asked, fence: '1' })).toMatchObject(
      problem(412, 'stale-fence', { currentFence: mine.fence }),
    );
    const grace = await post('locks/break/break', { ...asked, graceMs: 60_000 });
    expect(grace).toMatchObject({ status: 202, body: { outcome: 'break-requested' } });
    expect((await get('locks/break')).body['holders']).toMatchObject([
      { session: ann, breaking: { by: 'local', reason: 'host is gone' } },
    ]);
    expect(await post('locks/break/break', asked)).toMatchObject(ok({ outcome: 'broken' }));
    expect(await post('locks/break/break', asked)).toMatchObject(problem(409, 'not-held'));
  });

  it('hands a lock to the one that waits for it alone', async () => {
    const mine = await holding('hand', ann);
    const waiting = await acquire('hand', bob);
    const to = String(waiting.body['request']);
    const other = await acquire('hand-other', bob);
    const wrong = { ...mine, to: String(other.body['request']) };
    expect(await post('locks/hand/transfer', wrong)).toMatchObject(
      problem(409, 'not-transferable'),
    );
    const given = await post('locks/hand/transfer', { ...mine, to });
    expect(given).toMatchObject(ok({ outcome: 'transferred' }));
    expect(await get(`requests/${encodeURIComponent(to)}`)).toMatchObject(
      ok({ state: 'granted', fence: given.body['fence'] }),
    );
  });

  it('amends the note and writes the value of a lock, for its holder alone', async () => {
    const mine = await holding('words', ann, { note: 'first' });
    expect(await post('locks/words/amend', { ...mine, note: 'second' })).toMatchObject(
      ok({ outcome: 'amended' }),
    );
    expect(await put('locks/words/value', { ...mine, value: 'é' })).toMatchObject(
      ok({ outcome: 'value-set' }),
    );
    expect((await get('locks/words')).body).toMatchObject({
      value: 'é',
      valueFence: mine.fence,
      holders: [{ note: 'second' }],
    });
    const theirs = { session: bob, fence: mine.fence };
    const refused = await post('locks/words/amend', { ...theirs, note: 'mine' });
    expect(refused).toMatchObject(problem(409, 'not-held'));
    const shared = await holding('words-shared', bob, { mode: 'shared' });
    expect(await put('locks/words-shared/value', { ...shared, value: 'x' })).toMatchObject(
      problem(409, 'not-a-writer', { mode: 'shared' }),
    );
  });

  it('counts permits, by a limit that can be set for all', async () => {
    const permit = { mode: 'permit', waitMs: 0 };
    expect(await acquire('pool', ann, permit)).toMatchObject(problem(400, 'limit-missing'));
    expect(await put('locks/pool/limit', { limit: 2 })).toMatchObject(ok({ outcome: 'limit-set' }));
    expect(await acquire('pool', ann, { ...permit, permits: 2 })).toMatchObject(
      ok({ mode: 'permit', permits: 2 }),
    );
    expect(await acquire('pool', bob, permit)).toMatchObject(problem(423, 'lock-held'));
    expect(await acquire('pool', bob, { ...permit, permits: 3 })).toMatchObject(
      problem(409, 'too-many-permits', { limit: 2 }),
    );
    expect(await acquire('pool', bob, { ...permit, limit: 5 })).toMatchObject(
      problem(409, 'limit-conflict', { limit: 2 }),
    );
    expect(await rest(`${door}/locks/pool/limit`, 'DELETE')).toMatchObject(
      ok({ outcome: 'limit-set' }),
    );
    expect((await get('locks/pool')).body['semaphore']).toMatchObject({ used: 2, pinned: false });
  });

  it('claims a grant for whoever waits at a door, and passes on what nobody claims', async () => {
    const mine = await holding('claim', ann);
    const gone = await acquire('claim', bob, { claimMs: 1 });
    const waiting = acquire('claim', bob, { owner: 'there', claimMs: 5_000, holdMs: 60_000 });
    const since = String(gone.headers.get('lockstep-op')).split('.')[0];
    await get(`locks/claim?waitMs=10000&since=${since}`);
    await release('claim', mine);
    const granted = await waiting;
    expect(granted).toMatchObject(ok({ state: 'granted', owner: 'there' }));
    const { request } = granted.body;
    const state = await get(`requests/${encodeURIComponent(String(request))}`);
    expect(state.body).toMatchObject({ state: 'granted' });
    expect(state.body).not.toHaveProperty('claimLeftMs');
    const first = await get(`requests/${encodeURIComponent(String(gone.body['request']))}`);
    expect(first.body).toMatchObject({ state: 'unclaimed' });
    const claim = (name: string) => rest(`${door}/requests/${name}/claim`, 'POST');
    expect(await claim(encodeURIComponent(String(request)))).toMatchObject(
      ok({ outcome: 'claimed' }),
    );
    expect(await claim('nobody')).toMatchObject(problem(404, 'unknown-request'));
  });

  it('refuses a wait that would close a circle, and shows who waits for whom', async () => {
    await acquire('circle/a', ann);
    await acquire('circle/b', bob);
    await acquire('circle/b', ann);
    const closed = await acquire('circle/a', bob);
    expect(closed).toMatchObject(problem(409, 'deadlock'));
    expect(closed.body['cycle']).toMatchObject([
      { session: bob, lock: 'circle/a' },
      { session: ann, lock: 'circle/b' },
    ]);
    const { waits } = (await get('locks/graph')).body as { waits: { lock: string }[] };
    expect(waits.find(({ lock }) => lock === 'circle/b')).toMatchObject({
      waiter: { session: ann },
      waitsFor: [{ session: bob }],
    });
    expect(await get('locks/graph?limit=0')).toMatchObject(problem(400, 'malformed'));
  });

  it('elects one leader, tells whoever observes, and keeps elections from being plain locks', async () => {
    const led = await post('elections/cron/campaign', { session: ann, value: 'a' });
    expect(led).toMatchObject(ok({ state: 'granted' }));
    const mine = { session: ann, fence: String(led.body['fence']) };
    const candidate = await post('elections/cron/campaign', { session: bob, value: 'b' });
    expect(candidate).toMatchObject({ status: 202, body: { state: 'queued', position: 1 } });
    const seen = await get('elections/cron');
    expect(seen.body).toMatchObject({
      leader: { session: ann, value: 'a', fence: mine.fence },
      candidates: [{ session: bob, value: 'b' }],
    });
    const since = String(seen.headers.get('lockstep-op'));
    const changed = get(`elections/cron?waitMs=60000&since=${since}`);
    expect(await post('elections/cron/proclaim', { ...mine, value: 'a2' })).toMatchObject(
      ok({ outcome: 'amended' }),
    );
    expect((await changed).body).toMatchObject({ leader: { value: 'a2' } });
    const to = String(candidate.body['request']);
    expect(await post('elections/cron/transfer', { ...mine, to })).toMatchObject(
      ok({ outcome: 'transferred' }),
    );
    expect(await post('elections/cron/proclaim', { ...mine, value: 'x' })).toMatchObject(
      problem(409, 'not-held'),
    );
    const leader = (await get('elections/cron')).body['leader'] as { fence: string };
    const fence = leader.fence;
    expect(await post('elections/cron/break', { fence, reason: 'stuck' })).toMatchObject(
      ok({ outcome: 'broken' }),
    );
    expect((await get('elections/cron')).body['leader']).toBeNull();
    expect(await post('elections/cron/resign', mine)).toMatchObject(
      ok({ outcome: 'already-released' }),
    );
    expect(await acquire('@election:cron', ann)).toMatchObject(problem(400, 'reserved-name'));
  });

  it('lets parties in and out together', async () => {
    const enter = (session: string, parties: number) =>
      post('barriers/start/enter', { session, parties, holdMs: 60_000 });
    expect(await post('barriers/start/leave', { session: ann })).toMatchObject(
      problem(409, 'not-inside'),
    );
    const first = enter(ann, 2);
    let barrier = await get('barriers/start');
    while (barrier.body['entering'] !== 1) barrier = await get('barriers/start');
    expect(await enter(bob, 3)).toMatchObject(problem(409, 'parties-conflict', { parties: 2 }));
    expect(await enter(bob, 2)).toMatchObject(ok({ state: 'granted' }));
    expect(await first).toMatchObject(ok({ state: 'granted', barrier: 'start' }));
    expect((await get('barriers/start')).body).toMatchObject({ parties: 2, inside: 2 });
    const out = post('barriers/start/leave', { session: ann, holdMs: 60_000 });
    expect(
      (await post('barriers/start/leave', { session: bob, holdMs: 60_000 })).body,
    ).toMatchObject({ state: 'left' });
    expect((await out).body).toMatchObject({ state: 'left' });
  });

  it('opens a latch that has been counted down, for whoever waits', async () => {
    expect(await get('latches/ready')).toMatchObject(problem(404, 'unknown-latch'));
    expect(await put('latches/ready', { count: 2 })).toMatchObject(ok({ count: 2 }));
    expect(await get('latches/ready?waitMs=1')).toMatchObject(ok({ count: 2 }));
    const opened = get('latches/ready?waitMs=60000');
    expect(await post('latches/ready/count-down', {})).toMatchObject(ok({ count: 1 }));
    expect(await post('latches/ready/count-down', { by: 5 })).toMatchObject(ok({ count: 0 }));
    expect(await opened).toMatchObject(ok({ latch: 'ready', count: 0 }));
    expect(await rest(`${door}/latches/ready`, 'DELETE')).toMatchObject(
      ok({ outcome: 'latch-removed' }),
    );
  });

  it('signs sequencers that are verified anywhere, with the one key that every door publishes', async () => {
    const keys = await Promise.all(
      group.replicas.map(({ url }) => rest(`${url}/.well-known/lockstep`)),
    );
    const [key, ...others] = keys.map(({ body }) => body['sequencerKey'] as { pem: string });
    for (const other of others) expect(other).toEqual(key);
    const { body } = await acquire('signed;lock', ann);
    const sequencer = String(body['sequencer']);
    const verified = verifySequencer(sequencer, String(key?.pem));
    expect(verified).toMatchObject({ lock: 'signed;lock', mode: 'exclusive', generation: 1 });
    expect(verified?.fence).toBe(BigInt(String(body['fence'])));
    // Another door signs the same text for the same grant.
    const primary = (await group.primary()).url;
    const request = encodeURIComponent(String(body['request']));
    const seen = await rest(`${primary}/v1/requests/${request}`);
    expect(seen.body['sequencer']).toBe(sequencer);
    const forged = sequencer.replace(/.{86}$/, 'A'.repeat(86));
    const plain = sequencer.replace(/;\d+;\d+;.{86}$/, '');
    const check = () => post('sequencers/check', { sequencers: [sequencer, plain, forged] });
    expect((await check()).body['results']).toMatchObject([
      { valid: true },
      { valid: true },
      { valid: false, reason: 'bad-signature' },
    ]);
    await release('signed;lock', { session: ann, fence: body['fence'] });
    expect((await check()).body['results']).toMatchObject([
      { valid: false, reason: 'not-held' },
      { valid: false },
      { valid: false, reason: 'bad-signature' },
    ]);
  });

  it('tells who has held a lock, and from which op on that is all', async () => {
    const first = await holding('old', ann);
    await release('old', first);
    const second = await holding('old', bob);
    await post('locks/old/break', { fence: second.fence, reason: 'stuck' });
    expect((await get('locks/old/history')).body).toMatchObject({
      lock: 'old',
      completeFrom: '1',
      owners: [
        { session: bob, fence: second.fence, cause: 'broken', by: 'local', reason: 'stuck' },
        { session: ann, fence: first.fence, cause: 'released' },
      ],
    });
    expect(await get('locks/old/history?limit=0')).toMatchObject(problem(400, 'malformed'));
  });

  it('are described, route by route, in the OpenAPI document', async () => {
    const { body } = await get('openapi.json');
    const paths = body['paths'] as Record<string, Record<string, { summary?: string }>>;
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { summary }]) => ({ path, method, summary })),
    );
    const ours = routes.filter(({ path }) =>
      /^\/v1\/(locks|requests|sequencers|elections|barriers|latches)/.test(path),
    );
    expect(ours).toHaveLength(32);
    for (const { summary } of ours) expect(summary).toMatch(/./);
    const { schemas } = body['components'] as { schemas: Record<string, { properties: object }> };
    expect(schemas['AcquireLocksDto']?.properties).toMatchObject({
      locks: { type: 'array', maxItems: 64 },
      victim: { enum: ['requester', 'youngest', 'lowest-priority'] },
      holdMs: { type: 'number', minimum: 0 },
    });
  });

  describe('the stream of events', () => {
    async function watch(
      url: string,
      query: string,
      headers: Record<string, string> = {},
    ): Promise<AsyncGenerator<ServerEvent, void, undefined>> {
      const answer = await fetch(`${url}/v1/locks/events?${query}`, { headers });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toContain('text/event-stream');
      if (answer.body === null) throw new Error('there is no stream');
      return readServerEvents(answer.body);
    }

    async function next(
      stream: AsyncGenerator<ServerEvent, void, undefined>,
      count: number,
    ): Promise<{ id: string; kind: string; lock: string; session: string }[]> {
      const events: { id: string; kind: string; lock: string; session: string }[] = [];
      while (events.length < count) {
        const { value, done } = await stream.next();
        if (done === true) throw new Error('the stream has ended');
        if (value.data === '') continue;
        events.push({ id: value.id, ...(JSON.parse(value.data) as object) } as never);
      }
      return events;
    }

    it('goes on at any replica after the last event that was seen', async () => {
      const held = await holding('told/a', ann);
      await release('told/a', held);
      await holding('other', ann);
      await holding('told/b', bob);
      const [first, ...others] = group.replicas.map(({ url }) => url);
      const stream = await watch(String(first), 'prefix=told%2F&from=0');
      const all = await next(stream, 3);
      await stream.return();
      expect(all).toMatchObject([
        { kind: 'lock.granted', lock: 'told/a', session: ann },
        { kind: 'lock.released', lock: 'told/a' },
        { kind: 'lock.granted', lock: 'told/b', session: bob },
      ]);
      for (const url of others) {
        const last = { 'last-event-id': all[0]?.id ?? '' };
        const again = await watch(url, 'prefix=told%2F&from=9999', last);
        expect(await next(again, 2)).toEqual(all.slice(1));
        await again.return();
      }
    });

    it('is refused for a place that is none', async () => {
      expect(await get('locks/events?from=yesterday')).toMatchObject(
        problem(400, 'malformed', { field: 'from' }),
      );
      expect(await get('locks/events?colour=red')).toMatchObject(
        problem(400, 'malformed', { field: 'colour' }),
      );
    });

    it('says why it ends when its replica stops', async () => {
      const [backup] = await group.backups();
      const stream = await watch(String(backup?.url), 'prefix=');
      await stream.next();
      const stopped = backup?.terminate();
      let last: ServerEvent | undefined;
      for await (const event of stream) last = event;
      expect(last?.name).toBe('end');
      expect(JSON.parse(String(last?.data))).toMatchObject({ code: 'stopping' });
      expect(await stopped).toBe(0);
      await group.startAll();
    });
  });
});
