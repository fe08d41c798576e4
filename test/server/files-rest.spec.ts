import { GroupHarness } from './group-harness';
import { rest, type RestAnswer } from './rest-client';

jest.setTimeout(240_000);

/** Files over REST, on a real group: each answer has been through a backup, the log, and three state machines. */
describe('files over REST', () => {
  let group: GroupHarness;
  let door: string;
  let fs: string;

  beforeAll(async () => {
    group = await GroupHarness.start();
    door = `${(await group.backups())[0]?.url ?? ''}/v1`;
    fs = `${door}/fs/main`;
  });
  afterAll(() => group.stop());

  const put = (path: string, body: object, headers = {}): Promise<RestAnswer> =>
    rest(`${fs}/path${path}`, 'PUT', body, headers);
  const ops = (list: object[], more: object = {}): Promise<RestAnswer> =>
    rest(`${fs}/ops`, 'POST', { ops: list, ...more });
  const resultsOf = ({ body }: RestAnswer) => body['results'] as Record<string, unknown>[];

  async function openSession(): Promise<string> {
    const { body } = await rest(`${door}/sessions`, 'POST', { ttlMs: 120_000 });
    return String(body['id']);
  }

  it('makes directories above, and keeps a small content', async () => {
    const made = await put('/a/b/f', { type: 'file', parents: true, contentBase64: 'aGVsbG8=' });
    expect(made).toMatchObject({ status: 201, body: { type: 'file', size: 5 } });
    const content = await fetch(`${fs}/content/a/b/f`);
    expect(await content.text()).toBe('hello');
    const part = await fetch(`${fs}/content/a/b/f`, { headers: { range: 'bytes=1-3' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 1-3/*']);
    expect(await part.text()).toBe('ell');
    const bytes = Uint8Array.of(0, 255, 10);
    const written = await rest(`${fs}/content/a/raw`, 'PUT', bytes, {
      'content-type': 'application/octet-stream',
    });
    expect(written).toMatchObject({ status: 200, body: { size: 3 } });
    const raw = await fetch(`${fs}/content/a/raw`);
    expect(new Uint8Array(await raw.arrayBuffer())).toEqual(bytes);
  });

  it('guards a change by the ETag, at both ends of a rename', async () => {
    const made = await put('/guarded', { type: 'file' });
    const etag = made.headers.get('etag') ?? '';
    const patch = (tag: string) =>
      rest(`${fs}/path/guarded`, 'PATCH', { mode: 0o600 }, { 'if-match': tag });
    expect((await patch(etag)).status).toBe(200);
    expect(await patch(etag)).toMatchObject({ status: 412, body: { code: 'guard-failed' } });
    const rename = { from: '/guarded', to: '/kept' };
    expect(await rest(`${fs}/rename`, 'POST', { ...rename, ifFrom: etag })).toMatchObject({
      status: 412,
    });
    const now = (await rest(`${fs}/path/guarded`)).headers.get('etag');
    expect((await rest(`${fs}/rename`, 'POST', { ...rename, ifFrom: now })).status).toBe(200);
  });

  it('renames only while a lock is held', async () => {
    const session = await openSession();
    await put('/locked', { type: 'file' });
    const held = await rest(`${door}/locks/mover/acquire`, 'POST', { session });
    const { fence, sequencer } = held.body as { fence: string; sequencer: string };
    const move = (from: string, to: string) =>
      rest(`${fs}/txn`, 'POST', { if: [{ sequencer }], then: [{ kind: 'rename', from, to }] });
    expect(await move('/locked', '/moved')).toMatchObject({
      status: 200,
      body: { succeeded: true, done: true },
    });
    await rest(`${door}/locks/mover/release`, 'POST', { session, fence });
    const late = await move('/moved', '/locked');
    expect(late.body).toMatchObject({ succeeded: false, results: [] });
    expect((await rest(`${fs}/path/moved`)).status).toBe(200);
  });

  it('tells what would happen, and which rule forbids it', async () => {
    await put('/tried', { type: 'dir', mode: 0o700 });
    const dry = await rest(`${fs}/rename?validate=1`, 'POST', { from: '/tried', to: '/done' });
    expect(dry.body).toMatchObject({
      dryRun: true,
      changes: [{ change: 'moved', path: '/done', from: '/tried' }],
    });
    expect((await rest(`${fs}/path/tried`)).status).toBe(200);
    const caller = { uid: 1000, gids: [1000] };
    const op = { kind: 'mkdir', path: '/tried/x' };
    expect((await rest(`${fs}/explain`, 'POST', { caller, op })).body).toMatchObject({
      allowed: false,
      problem: { code: 'EACCES', rule: 'other-bits', component: 'tried' },
    });
  });

  it('keeps quotas exactly, with summaries', async () => {
    await put('/limited', { type: 'dir' });
    await rest(`${fs}/quota/limited`, 'PUT', { inodes: 2 });
    expect((await put('/limited/1', { type: 'file' })).status).toBe(201);
    expect((await put('/limited/2', { type: 'dir' })).status).toBe(201);
    expect(await put('/limited/3', { type: 'file' })).toMatchObject({
      status: 507,
      body: { code: 'EDQUOT', rule: 'quota-inodes' },
    });
    expect((await rest(`${fs}/summary/limited`)).body).toEqual({
      files: 1,
      directories: 1,
      bytes: 0,
    });
    expect((await rest(`${fs}/quota/limited`, 'DELETE')).status).toBe(204);
    expect((await put('/limited/3', { type: 'file' })).status).toBe(201);
  });

  it('reads the past: snapshots, as of an op, pinned listings, differences', async () => {
    await put('/past', { type: 'dir' });
    const before = await put('/past/one', { type: 'file' });
    const op = before.headers.get('lockstep-op')?.split('.')[0] ?? '';
    expect((await rest(`${fs}/snapshots`, 'POST', { name: 'first' })).status).toBe(201);
    await rest(`${fs}/rename`, 'POST', { from: '/past/one', to: '/past/two' });
    const names = async (query: string) => {
      const { body } = await rest(`${fs}/entries/past?${query}`);
      return (body['entries'] as { name: string }[]).map(({ name }) => name);
    };
    expect(await names('')).toEqual(['two']);
    expect(await names(`asOf=${op}`)).toEqual(['one']);
    expect(await names('snapshot=first')).toEqual(['one']);
    const pinned = await rest(`${fs}/entries/past?pin=1`);
    await rest(`${fs}/path/past/two`, 'DELETE');
    expect(await names(`asOf=${String(pinned.body['pin'])}`)).toEqual(['two']);
    const { body } = await rest(`${fs}/snapshots/first/diff/now`);
    const { ino } = before.body;
    expect(body['differences']).toContainEqual(
      expect.objectContaining({ ino, change: 'removed' }) as unknown,
    );
  });

  it('takes a tree away at once, keeps it in the trash, and gives it back', async () => {
    await put('/tree/x/y', { type: 'file', parents: true });
    const gone = await rest(`${fs}/path/tree?recursive=true&trash=true`, 'DELETE');
    expect(gone.status).toBe(204);
    expect((await rest(`${fs}/path/tree/x/y`)).status).toBe(404);
    const { body } = await rest(`${fs}/trash`);
    const [entry] = body['entries'] as { id: string; path: string }[];
    expect(entry?.path).toBe('/tree');
    expect((await rest(`${fs}/trash/${entry?.id}/restore`, 'POST', {})).status).toBe(200);
    expect((await rest(`${fs}/path/tree/x/y`)).status).toBe(200);
    expect((await rest(`${fs}/path/tree?recursive=true`, 'DELETE')).status).toBe(204);
    expect((await rest(`${fs}/path/tree`)).status).toBe(404);
  });

  it('keeps what is open until it is closed, and locks what two want', async () => {
    const [ann, bob] = [await openSession(), await openSession()];
    const open = { kind: 'open', path: '/shared', flags: ['RDWR', 'CREAT'] };
    const write = { kind: 'write', handleOf: 0, offset: 0, data: 'kept' };
    const opened = await ops([open, write], { session: ann });
    const handle = (resultsOf(opened)[0]?.['result'] as { handle: string }).handle;
    await rest(`${fs}/path/shared`, 'DELETE');
    const read = await ops([{ kind: 'read', handle }], { session: ann });
    expect(resultsOf(read)).toMatchObject([{ result: { dataBase64: 'a2VwdA==' } }]);
    await put('/both', { type: 'file' });
    const lock = { kind: 'flock', path: '/both', mode: 'exclusive' };
    expect(resultsOf(await ops([lock], { session: ann }))).toEqual([{ result: {} }]);
    expect(resultsOf(await ops([lock], { session: bob }))).toMatchObject([
      { problem: { code: 'EAGAIN', rule: 'held' } },
    ]);
    await rest(`${door}/sessions/${ann}`, 'DELETE');
    expect(resultsOf(await ops([lock], { session: bob }))).toEqual([{ result: {} }]);
  });

  it('makes names that go with their session, and names with numbers', async () => {
    const session = await openSession();
    await put('/members', { type: 'dir' });
    const body = { type: 'file', sequential: true, ephemeral: true, session };
    expect((await put('/members/n-', body)).body['name']).toBe('n-0000000000');
    expect((await put('/members/n-', body)).body['name']).toBe('n-0000000001');
    await rest(`${door}/sessions/${session}`, 'DELETE');
    expect((await rest(`${fs}/entries/members`)).body['entries']).toEqual([]);
  });

  it('streams changes of a tree, and goes on at another replica without a gap', async () => {
    await put('/watched/deep', { type: 'dir', parents: true });
    const { body } = await rest(`${door}/cluster`);
    expect(body['view']).toBeDefined();
    const start = await rest(`${fs}/path/watched`);
    const from = start.headers.get('lockstep-op') ?? '';
    await put('/watched/deep/1', { type: 'file' });
    const first = await eventsOf(`${fs}/watch?path=/watched&recursive=true&from=${from}`, 1);
    expect(first.events).toMatchObject([{ change: 'created', path: '/watched/deep/1' }]);
    await rest(`${fs}/rename`, 'POST', { from: '/watched/deep/1', to: '/out' });
    await put('/elsewhere', { type: 'file' });
    await rest(`${fs}/path/watched/deep`, 'DELETE');
    const other = `${(await group.primary()).url}/v1/fs/main/watch?path=/watched&recursive=true`;
    const more = await eventsOf(`${other}&from=${first.last}`, 2);
    expect(more.events).toMatchObject([
      { change: 'moved', from: '/watched/deep/1', path: '/out' },
      { change: 'removed', path: '/watched/deep' },
    ]);
  });

  it('has volumes with rules and limits of their own', async () => {
    const other = `${door}/fs/other`;
    const made = await rest(other, 'PUT', { flavour: 'freebsd', inodesMax: 2 });
    expect(made).toMatchObject({ status: 200, body: { name: 'other', flavour: 'freebsd' } });
    expect((await rest(`${other}/path/d`, 'PUT', { type: 'dir' })).status).toBe(201);
    expect((await rest(`${fs}/path/d`)).status).toBe(404);
    expect(await rest(`${other}/path/e`, 'PUT', { type: 'file' })).toMatchObject({
      status: 507,
      body: { code: 'ENOSPC', rule: 'volume-inodes' },
    });
    await rest(other, 'PUT', { readOnly: true });
    expect(await rest(`${other}/path/d`, 'DELETE')).toMatchObject({ body: { code: 'EROFS' } });
    const { body } = await rest(`${door}/fs`);
    expect((body['volumes'] as { name: string }[]).map(({ name }) => name)).toEqual([
      'main',
      'other',
    ]);
    await rest(other, 'PUT', { readOnly: false });
    expect((await rest(other, 'DELETE')).status).toBe(204);
    expect((await rest(`${other}/path/d`)).body).toMatchObject({ rule: 'no-volume' });
  });

  it('sets access lists and attributes by name', async () => {
    await put('/listed', { type: 'file', mode: 0o600 });
    const access = [
      { tag: 'user-obj', perm: 'rw-' },
      { tag: 'user', id: 1000, perm: 'r--' },
      { tag: 'group-obj', perm: '---' },
      { tag: 'mask', perm: 'r--' },
      { tag: 'other', perm: '---' },
    ];
    expect((await rest(`${fs}/acl/listed`, 'PUT', { access })).status).toBe(200);
    const asAnn = { 'lockstep-caller': 'uid=1000; gids=1000' };
    expect((await rest(`${fs}/access/listed?mode=4`, 'GET', undefined, asAnn)).status).toBe(200);
    expect(await rest(`${fs}/access/listed?mode=2`, 'GET', undefined, asAnn)).toMatchObject({
      status: 403,
      body: { rule: 'acl-user' },
    });
    const note = `${fs}/xattr/listed?name=user.note`;
    expect((await rest(note, 'PUT', { value: 'hi' })).status).toBe(204);
    expect((await rest(note)).body).toEqual({ valueBase64: 'aGk=' });
    expect((await rest(`${fs}/xattr/listed`)).body).toEqual({ names: ['user.note'] });
    expect((await rest(note, 'DELETE')).status).toBe(204);
    expect(await rest(note)).toMatchObject({ status: 404, body: { code: 'ENODATA' } });
  });
});

/** The first `count` events of a stream, and the id of the last. */
async function eventsOf(
  url: string,
  count: number,
): Promise<{ readonly events: unknown[]; readonly last: string }> {
  const stop = new AbortController();
  const answer = await fetch(url, { signal: stop.signal });
  expect(answer.status).toBe(200);
  const events: unknown[] = [];
  let last = '';
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const data = /^data: (.*)$/m.exec(frame)?.[1];
      if (data === undefined || events.length === count) continue;
      events.push(JSON.parse(data));
      last = /^id: (.*)$/m.exec(frame)?.[1] ?? '';
    }
    if (events.length === count) break;
  }
  stop.abort();
  return { events, last };
}
