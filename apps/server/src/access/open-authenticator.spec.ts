import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload, type KeyLike } from 'jose';
import pino from 'pino';
import { GroupSecret } from '../config/group-secret';
import { ConfigError } from '../config/replica-config';
import { readSettings } from '../config/settings/load-settings';
import { Metrics } from '../observability/metrics';
import { openAuthenticator } from './open-authenticator';
import type { Authenticator } from './authenticator';
import { replicaCredential } from './replica-credential';

const TOKEN = 'a-token-of-forty-characters-0123456789ab';
const SHA256 = createHash('sha256').update(TOKEN).digest('hex');
const ISSUER = 'https://issuer.example';
const SECRET = new GroupSecret(Buffer.alloc(32, 7));
const SILENT = pino({ level: 'silent' });

let folder: string;
let keys: string;
let signing: KeyLike;
let publicPem: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-access-'));
  keys = join(folder, 'keys.json');
  const pair = await generateKeyPair('ES256');
  signing = pair.privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' };
  publicPem = Buffer.from(JSON.stringify(jwk));
  await writeFile(keys, JSON.stringify({ keys: [jwk] }));
});

afterAll(() => rm(folder, { recursive: true }));

const open = async (auth: object): Promise<Authenticator> => {
  const settings = readSettings(JSON.stringify({ auth }), 'lockstep.yaml');
  return await openAuthenticator({ settings, secret: SECRET }, SILENT, new Metrics());
};
const ask = (authenticator: Authenticator, token: string, from = '127.0.0.1') =>
  authenticator.authenticate({ authorization: `Bearer ${token}`, from });
const refused = (reason: string): unknown =>
  expect.objectContaining({ code: 'unauthenticated', reason });

describe('tokens of the configuration', () => {
  it('say who asks, and what he may', async () => {
    const tokens = [{ name: 'ci', sha256: SHA256, role: 'reader', uid: 1000 }];
    const rules = [{ principals: ['ci'], role: 'client', locks: 'ci/' }];
    const principal = await ask(await open({ tokens, rules }), TOKEN);
    expect(principal).toMatchObject({
      name: 'ci',
      caller: { uid: 1000, gids: [1000] },
      grants: [
        { role: 'reader', on: undefined },
        { role: 'client', on: { kind: 'locks', prefix: 'ci/' } },
      ],
    });
  });

  it('are nobody among files when they do not say who', async () => {
    const authenticator = await open({ tokens: [{ name: 'ci', sha256: SHA256 }] });
    expect(await ask(authenticator, TOKEN)).toMatchObject({ caller: { uid: 65_534 }, grants: [] });
  });

  it.each([
    [undefined, 'missing'],
    ['Basic YTpi', 'scheme'],
    ['Bearer', 'scheme'],
    [`Bearer ${TOKEN} x`, 'scheme'],
    [`Bearer ${TOKEN}x`, 'unknown'],
  ])('are all there is: %s is nobody', async (authorization, reason) => {
    const authenticator = await open({ tokens: [{ name: 'ci', sha256: SHA256 }] });
    const asked = authenticator.authenticate({ authorization, from: '127.0.0.1' });
    await expect(asked).rejects.toEqual(refused(reason));
  });

  it('from a file are those that stand there now, and connections by the former one end', async () => {
    const file = join(folder, 'token');
    await writeFile(file, `${TOKEN}\n`);
    const authenticator = await open({ tokens: [{ name: 'ci', file, role: 'client' }] });
    const before = await ask(authenticator, TOKEN);
    await writeFile(file, `${TOKEN}-new\n`);
    await until(() => before.expiresAtMs === 0);
    await expect(ask(authenticator, TOKEN)).rejects.toEqual(refused('unknown'));
    expect(await ask(authenticator, `${TOKEN}-new`)).toMatchObject({ name: 'ci' });
    await rm(file);
    await until(async () => (await failureOf(ask(authenticator, `${TOKEN}-new`))) === 'unknown');
  });

  it('that are guessed are slowed down by address, and the right one still gets in', async () => {
    const authenticator = await open({ tokens: [{ name: 'ci', sha256: SHA256 }] });
    const codes = new Set<unknown>();
    for (let n = 0; n < 40; n += 1)
      codes.add(await codeOf(ask(authenticator, `guess-${n}-${'x'.repeat(30)}`)));
    expect(codes).toEqual(new Set(['unauthenticated', 'too-many-attempts']));
    expect(await codeOf(ask(authenticator, `guess-${'x'.repeat(30)}`, '127.0.0.2'))).toBe(
      'unauthenticated',
    );
    expect(await ask(authenticator, TOKEN)).toMatchObject({ name: 'ci' });
  });

  it.each([
    [{ tokens: [{ name: 'local', sha256: SHA256 }] }, 'auth.tokens.0.name'],
    [{ tokens: [{ name: 'jwt:a', sha256: SHA256 }] }, 'auth.tokens.0.name'],
    [{ tokens: [{ name: 'a' }] }, 'auth.tokens.0'],
    [{ tokens: [{ name: 'a', sha256: 'abc' }] }, 'auth.tokens.0.sha256'],
    [
      {
        tokens: [
          { name: 'a', sha256: SHA256 },
          { name: 'b', sha256: SHA256 },
        ],
      },
      'auth.tokens.1.sha256',
    ],
    [{ tokens: [{ name: 'a', sha256: SHA256, role: 'god' }] }, 'auth.tokens.0.role'],
    [{ rules: [{ role: 'admin' }] }, 'auth.rules.0'],
    [{ rules: [{ principals: ['a'], role: 'admin', locks: 'x', volume: 'main' }] }, 'auth.rules.0'],
    [{ rules: [{ principals: ['a'], role: 'admin', locks: '@election:x' }] }, 'auth.rules.0.locks'],
    [
      { rules: [{ principals: ['a'], role: 'admin', volume: 'main', path: '/a/../b' }] },
      'auth.rules.0.path',
    ],
    [
      { jwt: { issuer: ISSUER, audience: 'g', jwks: 'http://issuer.example/keys' } },
      'auth.jwt.jwks',
    ],
  ])('that are wrong are told by their key: %j', async (auth, key) => {
    const fault: unknown = await open(auth).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(ConfigError);
    expect((fault as Error).message).toContain(`${key}: `);
    expect((fault as Error).message).not.toContain(SHA256);
  });
});

describe('tokens of an issuer', () => {
  const authOf = (more: object = {}) => ({
    jwt: { issuer: ISSUER, audience: 'group', jwks: keys, clockSkewS: 0, ...more },
    rules: [{ groups: ['ops'], role: 'admin' }],
  });
  const claims: JWTPayload = { sub: 'alice', groups: ['ops'], iss: ISSUER, aud: 'group' };
  const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
  const sign = (payload: JWTPayload, header: object = { alg: 'ES256', kid: 'one' }) =>
    new SignJWT(payload).setProtectedHeader(header as never).sign(signing);
  const good = (more: JWTPayload = {}) => sign({ ...claims, exp: inSeconds(60), ...more });

  it('are principals of their own, with the roles of their groups', async () => {
    const authenticator = await open(authOf({ claims: { uid: 'uid', gids: 'gids' } }));
    const token = await good({ uid: 1000, gids: [10, 20] });
    const principal = await ask(authenticator, token);
    expect(principal).toMatchObject({
      name: 'jwt:alice',
      grants: [{ role: 'admin', on: undefined }],
      caller: { uid: 1000, gids: [10, 20] },
    });
    expect(principal.expiresAtMs).toBeGreaterThan(Date.now());
    expect(await ask(authenticator, token)).toBe(principal);
  });

  it('of somebody without a rule may nothing', async () => {
    const token = await good({ groups: ['others'] });
    expect(await ask(await open(authOf()), token)).toMatchObject({ grants: [] });
  });

  const none = (payload: JWTPayload): string => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'none' })}.${part(payload)}.`;
  };
  it.each<[string, string, () => Promise<string>]>([
    ['has expired', 'expired', () => sign({ ...claims, exp: inSeconds(-5) })],
    ['never expires', 'claims', () => sign(claims)],
    ['is not valid yet', 'early', () => good({ nbf: inSeconds(30) })],
    ['is for another', 'claims', () => good({ aud: 'another' })],
    ['is of another issuer', 'claims', () => good({ iss: 'https://other.example' })],
    ['names nobody', 'claims', () => good({ sub: '' })],
    ['names too long a name', 'claims', () => good({ sub: 'x'.repeat(300) })],
    ['says uid 0', 'claims', () => good({ uid: 0 })],
    ['is not signed', 'algorithm', () => Promise.resolve(none({ ...claims, exp: inSeconds(60) }))],
    [
      'is signed with the public key as a shared secret',
      'algorithm',
      () =>
        new SignJWT({ ...claims, exp: inSeconds(60) })
          .setProtectedHeader({ alg: 'HS256', kid: 'one' })
          .sign(publicPem),
    ],
    [
      'is signed by another key',
      'signature',
      async () => {
        const { privateKey } = await generateKeyPair('ES256');
        return new SignJWT({ ...claims, exp: inSeconds(60) })
          .setProtectedHeader({ alg: 'ES256', kid: 'one' })
          .sign(privateKey);
      },
    ],
    [
      'names an unknown key',
      'signature',
      () => sign({ ...claims, exp: inSeconds(60) }, { alg: 'ES256', kid: 'two' }),
    ],
    ['has three parts and no sense', 'malformed', () => Promise.resolve('aaaa.bbbb.cccc')],
  ])('one that %s is nobody', async (_, reason, tokenOf) => {
    const authenticator = await open(authOf({ claims: { uid: 'uid' } }));
    await expect(ask(authenticator, await tokenOf())).rejects.toEqual(refused(reason));
  });

  it('that has been verified ends at its time', async () => {
    const authenticator = await open(authOf());
    const token = await good({ exp: inSeconds(1) });
    await ask(authenticator, token);
    await until(async () => (await failureOf(ask(authenticator, token))) === 'expired');
  });
});

describe('another replica of the group', () => {
  const request = { node: 'n1', method: 'POST', path: '/v1/cluster/step-down', principal: 'alice' };
  const shown = (authenticator: Authenticator, authorization: string, more: object = {}) =>
    authenticator.authenticate({ authorization, from: '127.0.0.1', ...request, ...more });

  it('is known by the secret of the group, for one request, once', async () => {
    const authenticator = await open({});
    const credential = replicaCredential(SECRET, request);
    expect(await shown(authenticator, credential)).toMatchObject({ name: 'alice' });
    await expect(shown(authenticator, credential)).rejects.toEqual(refused('replica'));
  });

  it.each<[string, string, object]>([
    ['of another group', replicaCredential(new GroupSecret(Buffer.alloc(32, 8)), request), {}],
    ['for another path', replicaCredential(SECRET, request), { path: '/v1/cluster' }],
    ['for another method', replicaCredential(SECRET, request), { method: 'GET' }],
    ['in another form', 'Lockstep-Replica e30.AAAA', {}],
  ])('%s is nobody', async (_, credential, more) => {
    await expect(shown(await open({}), credential, more)).rejects.toEqual(refused('replica'));
  });
});

const codeOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => 'ok',
    (fault: unknown) => (fault as { code: unknown }).code,
  );
const failureOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => undefined,
    (fault: unknown) => (fault as { reason: unknown }).reason,
  );

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (;;) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
