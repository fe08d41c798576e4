import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload, type KeyLike } from 'jose';
import { parse } from 'yaml';
import { connect as connectClient } from '@lockstep/client';
import { readSettings } from '../../apps/server/src/config/settings/load-settings';
import { GroupHarness } from './group-harness';
import { rest, type RestAnswer } from './rest-client';

jest.setTimeout(180_000);

const PAGE = readFileSync(resolve(__dirname, '../../docs/security.md'), 'utf8');
const ISSUER = 'https://issuer.example';

const token = (name: string): string => `token-of-${name}-0123456789abcdef`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const PRINCIPALS = [
  { name: 'root', role: 'admin', actFor: true },
  { name: 'watcher', role: 'reader', uid: 1001 },
  { name: 'ann', uid: 1002, gids: [1002] },
  { name: 'bob', role: 'client', uid: 1003 },
];

let folder: string;
let group: GroupHarness;
let url: string;
let signing: KeyLike;
let publicKey: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-security-'));
  const jwks = join(folder, 'keys.json');
  const pair = await generateKeyPair('ES256');
  signing = pair.privateKey;
  publicKey = JSON.stringify({ ...(await exportJWK(pair.publicKey)), kid: 'one' });
  await writeFile(jwks, `{"keys":[${publicKey}]}`);
  const settings = {
    auth: {
      tokens: PRINCIPALS.map((each) => ({ ...each, sha256: sha256(token(each.name)) })),
      jwt: { issuer: ISSUER, audience: 'group', jwks, clockSkewS: 0 },
      rules: [
        { principals: ['ann'], role: 'client', locks: 'ann/' },
        { principals: ['ann'], role: 'client', volume: 'main', path: '/ann' },
        { groups: ['ops'], role: 'admin' },
      ],
    },
  };
  const LOCKSTEP_SETTINGS = JSON.stringify(settings);
  group = await GroupHarness.start({ environment: () => ({ LOCKSTEP_SETTINGS }) });
  ({ url } = await group.primary());
  const root = as('root');
  for (const path of ['ann', 'bob'])
    await root('PUT', `/v1/fs/main/path/${path}`, { type: 'dir', mode: 0o777 });
  await root('PUT', '/v1/fs/main/path/bob/f', { type: 'file', mode: 0o666 });
  await root('POST', '/v1/fs/main/symlink', { path: '/ann/out', target: '/bob' });
  bobs = await sessionOf('bob');
  anns = await sessionOf('ann');
  ino = (await root('GET', '/v1/fs/main/path/bob/f')).body['ino'] as string;
});

afterAll(async () => {
  await group.stop();
  await rm(folder, { recursive: true });
});

let bobs: string;
let anns: string;
let ino: string;

type Ask = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<RestAnswer>;

const bearer =
  (text: string): Ask =>
  (method, path, body, headers) =>
    rest(`${url}${path}`, method, body, { authorization: `Bearer ${text}`, ...headers });
const as = (name: string): Ask => bearer(token(name));
const stranger: Ask = (method, path, body, headers) => rest(`${url}${path}`, method, body, headers);

async function sessionOf(name: string): Promise<string> {
  const opened = await as(name)('POST', '/v1/sessions', { ttlMs: 600_000 });
  return opened.body['id'] as string;
}

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const CLAIMS: JWTPayload = { sub: 'eve', groups: ['ops'], iss: ISSUER, aud: 'group' };
const signed = (claims: JWTPayload): Promise<string> =>
  new SignJWT({ exp: inSeconds(600), ...CLAIMS, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .sign(signing);
const byJwt = async (text: Promise<string> | string) => bearer(await text)('GET', '/v1/locks');
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What the client channel answers: the code of the refusal. */
async function socket(shown?: string): Promise<string> {
  const identity = shown === undefined ? {} : { token: shown };
  try {
    const client = await connectClient({ endpoints: [url], timeoutMs: 3_000, ...identity });
    client.abandon();
    return 'connected';
  } catch (fault) {
    return (fault as { code: string }).code;
  }
}

const acquire = (lock: string, session = anns) =>
  ['POST', `/v1/locks/${lock}/acquire`, { session, waitMs: 0 }] as const;
const stat = (path: string) => as('ann')('GET', `/v1/fs/main/path${path}`);

/** Each by the name that the page has for it: what is tried, and the code, or status and code, of the answer. */
const ATTACKS: Readonly<Record<string, () => Promise<RestAnswer | string>>> = {
  'no token': () => stranger('GET', '/v1/locks'),
  'a wrong token': () => bearer('wrong-token-0123456789')('GET', '/v1/locks'),
  'a token in the URL': () => stranger('GET', `/v1/locks?access_token=${token('root')}`),
  'a JWT that has expired': () => byJwt(signed({ exp: inSeconds(-60) })),
  'a JWT that never expires': () =>
    byJwt(new SignJWT(CLAIMS).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(signing)),
  'a JWT that is not signed (`alg: none`)': () =>
    byJwt(`${part({ alg: 'none' })}.${part({ ...CLAIMS, exp: inSeconds(60) })}.`),
  'a JWT signed with the public key as a shared secret': () =>
    byJwt(
      new SignJWT({ ...CLAIMS, exp: inSeconds(60) })
        .setProtectedHeader({ alg: 'HS256', kid: 'one' })
        .sign(Buffer.from(publicKey)),
    ),
  'a JWT for another audience': () => byJwt(signed({ aud: 'another' })),
  'a JWT of another issuer': () => byJwt(signed({ iss: 'https://other.example' })),
  'a line break in a header': () =>
    stranger('GET', '/v1/locks', undefined, { authorization: 'Bearer a b' }),
  'a reader who writes': () => as('watcher')(...acquire('x', bobs)),
  'a reader who reads a metric of everybody': () => as('ann')('GET', '/metrics'),
  'a client who breaks a lock': () =>
    as('bob')('POST', '/v1/locks/x/break', { fence: '1', reason: 'mine' }),
  'a client who reconfigures': () => as('bob')('POST', '/v1/cluster/step-down'),
  'a client who makes a volume': () => as('bob')('PUT', '/v1/fs/evil', {}),
  'a name beside the prefix (`ann` for `ann/`)': () => as('ann')(...acquire('ann')),
  'a name that goes back up (`ann/../x`)': () => as('ann')(...acquire('bob%2F..%2Fann%2Fx')),
  'a percent-encoded prefix (`%61nn/x`, which is `ann/x`)': () =>
    as('ann')(...acquire('%61nn%2Fx')),
  'a prefix encoded twice': () => as('ann')(...acquire('%2561nn%252Fx')),
  'another Unicode form of the prefix': () => as('ann')(...acquire('%EF%BD%81nn%2Fx')),
  'the lock behind an election': () => as('ann')(...acquire('%40election%3Abob')),
  'an election of another': () =>
    as('ann')('POST', '/v1/elections/bob/campaign', { session: anns, waitMs: 0 }),
  'a list wider than the prefix': () => as('ann')('GET', '/v1/locks?prefix=an'),
  'the events of everybody': () => as('ann')('GET', '/v1/locks/events'),
  'a path elsewhere': () => stat('/bob/f'),
  'a path by `..`': () => stat('/ann/%2E%2E/bob/f'),
  'a path by a symbolic link': () => stat('/ann/out/f'),
  'an inode by its number': () => as('ann')('GET', `/v1/fs/main/ino/${ino}`),
  'a hard link to another’s file': () =>
    as('ann')('POST', '/v1/fs/main/link', { from: '/bob/f', to: '/ann/f' }),
  'a rename out of the path': () =>
    as('ann')('POST', '/v1/fs/main/rename', { from: '/ann/out', to: '/bob/out' }),
  'the trash, snapshots, and differences of a volume': () =>
    as('ann')('GET', '/v1/fs/main/snapshots'),
  'a watch above the path': () => as('ann')('GET', '/v1/fs/main/watch?path=/&recursive=true'),
  'caller uid 0': () =>
    as('bob')('POST', '/v1/fs/main/ops', {
      caller: { uid: 0, gids: [0] },
      ops: [{ kind: 'stat', path: '/' }],
    }),
  'caller uid 0 in the header': () =>
    as('bob')('GET', '/v1/fs/main/path/', undefined, { 'lockstep-caller': 'uid=0' }),
  '`user.name=root` of WebHDFS': () =>
    as('bob')('GET', '/webhdfs/v1/bob?op=GETFILESTATUS&user.name=root'),
  'another’s session': () => as('bob')(...acquire('x', anns)),
  'a keepalive of another’s session': () => as('bob')('POST', `/v1/sessions/${anns}/keepalive`),
  'an end of another’s session': () => as('bob')('DELETE', `/v1/sessions/${anns}`),
  'a forced end by a client': () => as('bob')('DELETE', `/v1/sessions/${anns}?force=true`),
  'another’s handle': () =>
    as('bob')('POST', '/v1/fs/main/ops', {
      session: anns,
      ops: [{ kind: 'stat', handle: '1' }],
    }),
  'another’s request': async () => {
    const held = await as('ann')(...acquire(`ann%2F${randomUUID()}`));
    const request = encodeURIComponent(held.body['request'] as string);
    return as('bob')('DELETE', `/v1/requests/${request}`);
  },
  'a look at another’s request': async () => {
    const held = await as('ann')(...acquire(`ann%2F${randomUUID()}`));
    const request = encodeURIComponent(held.body['request'] as string);
    return as('bob')('GET', `/v1/requests/${request}`);
  },
  'another’s idempotency key, which is a key of one’s own': async () => {
    const key = { 'idempotency-key': 'the-same' };
    await as('root')('POST', '/v1/counter/n', { by: 5 }, key);
    const again = await as('bob')('POST', '/v1/counter/n', { by: 1 }, key);
    return again.headers.get('lockstep-replayed') ?? 'executed';
  },
  'a connection without a token': () => socket(),
  'a connection with a wrong token': () => socket('wrong-token-0123456789'),
  'a forged replica': () =>
    stranger('POST', '/v1/cluster/step-down', undefined, {
      'lockstep-from-replica': 'n0',
      authorization: `Lockstep-Replica ${part({ node: 'n0' })}.${'A'.repeat(43)}`,
    }),
  'a replica’s header by a client': () =>
    as('bob')('POST', '/v1/cluster/step-down', undefined, { 'lockstep-from-replica': 'n0' }),
};

/** `| attack | answer |` under the heading. */
const ROWS = [...PAGE.matchAll(/^\| (.+?) +\| `([^`]+)` +\|$/gm)].map(
  ([, name = '', answer = '']) => [name, answer] as const,
);

describe('attacks on a group with authentication', () => {
  it('are those of the page', () => {
    expect(ROWS.map(([name]) => name)).toEqual(Object.keys(ATTACKS));
  });

  it.each(ROWS)('%s: %s', async (name, wanted) => {
    const answer = await ATTACKS[name]?.();
    if (typeof answer === 'string') {
      expect(answer).toBe(wanted);
      return;
    }
    const { status, body, headers } = answer as RestAnswer;
    const exception = body['RemoteException'] as { exception: string } | undefined;
    const code = body['code'] ?? exception?.exception ?? body['state'];
    expect(`${status} ${code as string}`).toBe(wanted);
    if (status === 401) expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="lockstep"/);
  });

  it('leave no token in any log', () => {
    for (const replica of group.replicas)
      for (const { name } of PRINCIPALS) expect(replica.log).not.toContain(token(name));
  });
});

describe('who is let in', () => {
  it('sees the group through any replica, which asks the others by the secret of the group', async () => {
    const { body } = await as('watcher')('GET', '/v1/cluster');
    const replicas = body['replicas'] as { status: string }[];
    expect(replicas.map(({ status }) => status)).toEqual(['normal', 'normal', 'normal']);
  });

  it('changes the primary through a backup, in his own name', async () => {
    const [backup] = await group.backups();
    const answer = await rest(`${backup?.url}/v1/cluster/step-down`, 'POST', undefined, {
      authorization: `Bearer ${token('root')}`,
    });
    expect(answer.status).toBe(202);
  });

  it('ends another’s session by force, as an admin', async () => {
    const session = await sessionOf('bob');
    expect((await as('root')('DELETE', `/v1/sessions/${session}?force=true`)).status).toBe(204);
  });

  it('works over the client channel with a token that is asked for', async () => {
    const client = await connectClient({ endpoints: [url], token: () => token('bob') });
    const session = await client.openSession();
    await session.close();
    expect((await client.cluster()).replicas).toHaveLength(3);
    await client.close();
  });
});

describe('the example of the page', () => {
  it('is a configuration that can be read', () => {
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(PAGE) ?? [];
    expect(parse(yaml)).toHaveProperty('auth.tokens');
    expect(readSettings(yaml, 'lockstep.yaml').auth?.tokens).toHaveLength(3);
  });
});
