import { connect } from 'node:net';
import { GroupHarness } from './group-harness';
import { rest } from './rest-client';

jest.setTimeout(180_000);

const LONG = 'n'.repeat(10_000);
const JSON_TYPE = { 'content-type': 'application/json' };

interface BadRequest {
  readonly call: string;
  /** Sent as it is when it is a string or bytes. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly status: number;
  readonly code: string;
  readonly field?: string;
}

/** Requests that are refused at the door: by their status, their code, and the field at fault where there is one. */
const BAD_REQUESTS: Readonly<Record<string, BadRequest>> = {
  'a body that is no JSON': {
    call: 'POST /v1/sessions',
    body: '{"ttlMs": ',
    status: 400,
    code: 'invalid-json',
  },
  'a body that is no UTF-8': {
    call: 'POST /v1/sessions',
    body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
    headers: JSON_TYPE,
    status: 400,
    code: 'invalid-json',
  },
  'a body that is a list': {
    call: 'POST /v1/sessions',
    body: [],
    status: 400,
    code: 'malformed',
    field: '',
  },
  'a body nested a thousand deep': {
    call: 'POST /v1/fs/main/ops',
    body: `{"ops":${'['.repeat(1000)}${']'.repeat(1000)}}`,
    status: 400,
    code: 'invalid-json',
  },
  'a body of more than 1 MiB': {
    call: 'POST /v1/sessions',
    body: { ttlMs: 10_000, name: 'x'.repeat(1 << 20) },
    status: 413,
    code: 'body-too-large',
  },
  'a form in place of JSON': {
    call: 'POST /v1/sessions',
    body: 'ttlMs=10000',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    code: 'unsupported-media-type',
  },
  'no body where a field is needed': {
    call: 'POST /v1/sessions',
    status: 400,
    code: 'malformed',
    field: 'ttlMs',
  },
  'a number that is text': {
    call: 'POST /v1/sessions',
    body: { ttlMs: '10000' },
    status: 400,
    code: 'malformed',
    field: 'ttlMs',
  },
  'a time below the shortest': {
    call: 'POST /v1/sessions',
    body: { ttlMs: 1 },
    status: 400,
    code: 'malformed',
    field: 'ttlMs',
  },
  'a number that is no integer': {
    call: 'POST /v1/sessions',
    body: { ttlMs: 5000.5 },
    status: 400,
    code: 'malformed',
    field: 'ttlMs',
  },
  'a field nobody knows': {
    call: 'POST /v1/sessions',
    body: { ttlMs: 10_000, colour: 'red' },
    status: 400,
    code: 'malformed',
    field: 'colour',
  },
  'a prototype as a field': {
    call: 'POST /v1/locks/door/acquire',
    body: '{"session":"1-0","constructor":{"prototype":{}}}',
    status: 400,
    code: 'malformed',
    field: 'constructor',
  },
  'a session name of 10 kB': {
    call: 'POST /v1/sessions',
    body: { ttlMs: 10_000, name: LONG },
    status: 400,
    code: 'malformed',
    field: 'name',
  },
  'text with half a surrogate pair': {
    call: 'POST /v1/sessions',
    body: '{"ttlMs":10000,"name":"\\ud800"}',
    status: 400,
    code: 'malformed',
    field: 'name',
  },
  'a session id that is none': {
    call: 'POST /v1/sessions/nobody/keepalive',
    status: 400,
    code: 'malformed',
    field: 'session',
  },
  'a lock name of 10 kB': {
    call: `POST /v1/locks/${LONG}/acquire`,
    body: { session: '1-0' },
    status: 400,
    code: 'malformed',
    field: 'lock',
  },
  'a lock name that is no UTF-8': {
    call: 'GET /v1/locks/%FF%FE',
    status: 400,
    code: 'malformed',
    field: 'path',
  },
  'a mode nobody knows': {
    call: 'POST /v1/locks/door/acquire',
    body: { session: '1-0', mode: 'sideways' },
    status: 400,
    code: 'malformed',
    field: 'mode',
  },
  'a fence that is no counter': {
    call: 'POST /v1/locks/door/release',
    body: { session: '1-0', fence: '-1' },
    status: 400,
    code: 'malformed',
    field: 'fence',
  },
  'a fence above 2^64': {
    call: 'POST /v1/locks/door/release',
    body: { session: '1-0', fence: '99999999999999999999' },
    status: 400,
    code: 'malformed',
    field: 'fence',
  },
  'a reserved name': {
    call: 'GET /v1/locks/acquire',
    status: 400,
    code: 'reserved-name',
  },
  'a lock of the API itself': {
    call: 'POST /v1/locks/@election:cron/acquire',
    body: { session: '1-0' },
    status: 400,
    code: 'reserved-name',
  },
  'a field nobody knows in one of many locks': {
    call: 'POST /v1/locks/acquire',
    body: { session: '1-0', locks: [{ name: 'a' }, { name: 'b', colour: 'red' }] },
    status: 400,
    code: 'malformed',
    field: 'locks.1.colour',
  },
  'more locks than one request may have': {
    call: 'POST /v1/locks/acquire',
    body: { session: '1-0', locks: Array.from({ length: 65 }, (_, n) => ({ name: `${n}` })) },
    status: 400,
    code: 'malformed',
    field: 'locks',
  },
  'many locks that are one text': {
    call: 'POST /v1/locks/acquire',
    body: { session: '1-0', locks: 'all' },
    status: 400,
    code: 'malformed',
    field: 'locks',
  },
  'a priority beyond the highest': {
    call: 'POST /v1/locks/door/acquire',
    body: { session: '1-0', priority: 101 },
    status: 400,
    code: 'malformed',
    field: 'priority',
  },
  'a conversion to no mode': {
    call: 'POST /v1/locks/door/convert',
    body: { session: '1-0', fence: '1' },
    status: 400,
    code: 'malformed',
    field: 'mode',
  },
  'a break without a reason': {
    call: 'POST /v1/locks/door/break',
    body: { fence: '1' },
    status: 400,
    code: 'malformed',
    field: 'reason',
  },
  'a value in two forms': {
    call: 'PUT /v1/locks/door/value',
    body: { session: '1-0', fence: '1', value: 'a', valueBase64: 'YQ==' },
    status: 400,
    code: 'malformed',
    field: 'valueBase64',
  },
  'a value above 4 KiB': {
    call: 'PUT /v1/locks/door/value',
    body: { session: '1-0', fence: '1', value: 'x'.repeat(4097) },
    status: 400,
    code: 'malformed',
    field: 'value',
  },
  'a limit of nothing': {
    call: 'PUT /v1/locks/pool/limit',
    body: { limit: 0 },
    status: 400,
    code: 'malformed',
    field: 'limit',
  },
  'a proclamation of 10 kB': {
    call: 'POST /v1/elections/cron/campaign',
    body: { session: '1-0', value: LONG },
    status: 400,
    code: 'malformed',
    field: 'value',
  },
  'an election of 10 kB': {
    call: `GET /v1/elections/${LONG}`,
    status: 400,
    code: 'malformed',
    field: 'election',
  },
  'a barrier for nobody': {
    call: 'POST /v1/barriers/start/enter',
    body: { session: '1-0', parties: 0 },
    status: 400,
    code: 'malformed',
    field: 'parties',
  },
  'a latch that counts backwards': {
    call: 'PUT /v1/latches/ready',
    body: { count: -1 },
    status: 400,
    code: 'malformed',
    field: 'count',
  },
  'a place in the events that is none': {
    call: 'GET /v1/locks/events?from=yesterday',
    status: 400,
    code: 'malformed',
    field: 'from',
  },
  'a body where the path takes none of it': {
    call: 'POST /v1/requests/1-0%231/claim',
    body: 'ttlMs',
    headers: JSON_TYPE,
    status: 400,
    code: 'invalid-json',
  },
  'a request-number that is negative': {
    call: 'POST /v1/locks/door/acquire',
    body: { session: '1-0', requestNumber: -1 },
    status: 400,
    code: 'malformed',
    field: 'requestNumber',
  },
  'an Idempotency-Key of 10 kB': {
    call: 'POST /v1/counter/c',
    body: {},
    headers: { 'idempotency-key': LONG },
    status: 400,
    code: 'malformed',
    field: 'Idempotency-Key',
  },
  'a sequencer that is none': {
    call: 'POST /v1/sequencers/check',
    body: { sequencers: ['door'] },
    status: 400,
    code: 'malformed',
    field: 'sequencers.0',
  },
  'a query parameter nobody knows': {
    call: 'GET /v1/locks?colour=red',
    status: 400,
    code: 'malformed',
    field: 'colour',
  },
  'a limit that is no number': {
    call: 'GET /v1/locks?limit=many',
    status: 400,
    code: 'malformed',
    field: 'limit',
  },
  'a limit said twice': {
    call: 'GET /v1/locks?limit=1&limit=2',
    status: 400,
    code: 'malformed',
    field: 'limit',
  },
  'a consistency nobody knows': {
    call: 'GET /v1/counter/c?consistency=hopeful',
    status: 400,
    code: 'malformed',
    field: 'consistency',
  },
  'an operation nobody knows': {
    call: 'POST /v1/fs/main/ops',
    body: { ops: [{ kind: 'frobnicate', path: '/a' }] },
    status: 400,
    code: 'malformed',
    field: 'ops.0.kind',
  },
  'an operation that is no object': {
    call: 'POST /v1/fs/main/ops',
    body: { ops: [{ kind: 'mkdir', path: '/a' }, null] },
    status: 400,
    code: 'malformed',
    field: 'ops.1',
  },
  'an operation with a field of another': {
    call: 'POST /v1/fs/main/ops',
    body: { ops: [{ kind: 'rmdir', path: '/a', mode: 1 }] },
    status: 400,
    code: 'malformed',
    field: 'ops.0.mode',
  },
  'more operations than a batch may have': {
    call: 'POST /v1/fs/main/ops',
    body: { ops: Array.from({ length: 1001 }, () => ({ kind: 'rmdir', path: '/a' })) },
    status: 400,
    code: 'malformed',
    field: 'ops',
  },
  'a caller who is no number': {
    call: 'POST /v1/fs/main/ops',
    body: { caller: { uid: 'root' }, ops: [{ kind: 'rmdir', path: '/a' }] },
    status: 400,
    code: 'malformed',
    field: 'caller.uid',
  },
  'a caller in a header that cannot be read': {
    call: 'PUT /v1/fs/main/path/a',
    body: { type: 'dir' },
    headers: { 'lockstep-caller': 'uid=root' },
    status: 400,
    code: 'malformed',
    field: 'Lockstep-Caller',
  },
  'a path with a zero byte': {
    call: 'PUT /v1/fs/main/path/a%00b',
    body: { type: 'dir' },
    status: 400,
    code: 'malformed',
    field: 'path',
  },
  'a path with half an escape': {
    call: 'GET /v1/fs/main/path/a%4',
    status: 400,
    code: 'malformed',
    field: 'path',
  },
  'a type of file nobody knows': {
    call: 'PUT /v1/fs/main/path/a',
    body: { type: 'hologram' },
    status: 400,
    code: 'malformed',
    field: 'type',
  },
  'a target for a directory': {
    call: 'PUT /v1/fs/main/path/a',
    body: { type: 'dir', target: 'b' },
    status: 400,
    code: 'malformed',
    field: 'target',
  },
  'bytes that are not base64': {
    call: 'POST /v1/fs/main/rename',
    body: { fromBase64: '***', to: '/b' },
    status: 400,
    code: 'malformed',
    field: 'fromBase64',
  },
  'one path in two forms': {
    call: 'POST /v1/fs/main/rename',
    body: { from: '/a', fromBase64: 'YQ==', to: '/b' },
    status: 400,
    code: 'malformed',
    field: 'fromBase64',
  },
  'a rename without an end': {
    call: 'POST /v1/fs/main/rename',
    body: { from: '/a' },
    status: 400,
    code: 'malformed',
    field: 'to',
  },
  'a guard that is no tag': {
    call: 'DELETE /v1/fs/main/path/a',
    headers: { 'if-match': 'yesterday' },
    status: 400,
    code: 'malformed',
    field: 'if.0.etag',
  },
  'a limit that is none': {
    call: 'PUT /v1/fs/main/quota/a',
    body: { inodes: -1 },
    status: 400,
    code: 'malformed',
    field: 'inodes',
  },
  'a life that is two': {
    call: 'PUT /v1/fs/main/path/a',
    body: { type: 'file', ephemeral: true, ttlMs: 5 },
    status: 400,
    code: 'malformed',
    field: 'ttlMs',
  },
  'a path nobody serves': { call: 'GET /v1/nowhere', status: 404, code: 'no-such-route' },
  'a method the path does not have': {
    call: 'PUT /v1/sessions',
    body: {},
    status: 405,
    code: 'method-not-allowed',
  },
};

describe('bad input at the doors of a group', () => {
  let group: GroupHarness;
  let url: string;

  beforeAll(async () => {
    group = await GroupHarness.start();
    url = (await group.primary()).url;
  });
  afterAll(() => group.stop());

  /** How far the log has come: an idle group appends nothing. */
  async function logEnd(): Promise<unknown> {
    const { body } = await rest(`${url}/v1/cluster`);
    const replicas = body['replicas'] as { url: string; op: string }[];
    return replicas.find((replica) => replica.url === url)?.op;
  }

  it.each(Object.entries(BAD_REQUESTS))(
    'refuses %s, says which field, and changes nothing',
    async (_, { call, body, headers, status, code, field }) => {
      const [method = '', path = ''] = call.split(' ');
      const before = await logEnd();
      const answer = await rest(`${url}${path}`, method, body, headers);
      expect(answer).toMatchObject({ status, body: { status, code } });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      if (field !== undefined) expect(answer.body['field']).toBe(field);
      expect(await logEnd()).toBe(before);
    },
  );

  it('refuses names of files that are too long by their errno, and leaves the tree as it is', async () => {
    const { body: before } = await rest(`${url}/v1/fs/main/digest`);
    const long = await rest(`${url}/v1/fs/main/path/${LONG}`, 'PUT', { type: 'dir' });
    expect(long).toMatchObject({ status: 414, body: { code: 'ENAMETOOLONG' } });
    expect((await rest(`${url}/v1/fs/main/digest`)).body['digest']).toBe(before['digest']);
  });

  it('answers what is no HTTP, and headers without end, with a problem', async () => {
    const { port } = await group.primary();
    expect(await sendRaw(port, 'BREW /pot HTCPCP/1.0\r\n\r\n')).toContain('"code":"malformed"');
    const headers = `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`;
    expect(await sendRaw(port, headers)).toContain('"code":"headers-too-large"');
    expect((await rest(`${url}/health/ready`)).status).toBe(200);
  });
});

/** What a server says to these bytes before it closes the connection. */
function sendRaw(port: number, data: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(data));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => {
      resolve(answer);
    });
    socket.on('error', reject);
  });
}
