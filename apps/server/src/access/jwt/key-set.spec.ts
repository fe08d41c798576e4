import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import pino from 'pino';
import { KeySet } from './key-set';

/** Later than any cool-down, sooner than any refresh. */
const A_WHILE_MS = 60_000;
const LONG_MS = 1_000_000;

let server: Server;
let answer: { status: number; body: string };
let fetched: number;
let nowMs: number;
let keys: KeySet;

beforeEach(async () => {
  fetched = 0;
  nowMs = 0;
  server = createServer((_, reply) => {
    fetched += 1;
    reply.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  keys = new KeySet(`http://127.0.0.1:${port}/keys`, pino({ level: 'silent' }), () => nowMs);
  answer = { status: 200, body: setOf(await publicKey()) };
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

const publicKey = async (): Promise<JWK> => exportJWK((await generateKeyPair('ES256')).publicKey);
const setOf = (key: JWK): string => JSON.stringify({ keys: [key] });

describe('the keys of an issuer', () => {
  it('are fetched once for everybody who asks', async () => {
    const [one, other] = await Promise.all([keys.current(), keys.current()]);
    expect(one).toBe(other);
    expect(one).toBeDefined();
    expect(fetched).toBe(1);
  });

  it('are fetched again for an unknown one, but not as often as strangers like', async () => {
    await keys.current();
    expect(await keys.renewed()).toBeUndefined();
    nowMs += A_WHILE_MS;
    answer = { status: 200, body: setOf(await publicKey()) };
    expect(await keys.renewed()).toBeDefined();
    expect(await keys.renewed()).toBeUndefined();
    expect(fetched).toBe(2);
    expect(keys.generation).toBe(2);
  });

  it.each([
    ['the issuer fails', { status: 500, body: '' }],
    ['the answer is no JSON', { status: 200, body: '{' }],
    ['there are none', { status: 200, body: '{"keys":[]}' }],
    ['a secret one is among them', { status: 200, body: setOf({ kty: 'oct', k: 'AAAA' }) }],
  ])('stay as they were when %s', async (_, bad) => {
    const good = await keys.current();
    answer = bad;
    nowMs += LONG_MS;
    expect(await keys.renewed()).toBe(good);
    expect(keys.generation).toBe(1);
  });

  it('are asked for again after a while when there were none', async () => {
    const { body } = answer;
    answer = { status: 503, body: '' };
    expect(await keys.current()).toBeUndefined();
    expect(await keys.current()).toBeUndefined();
    expect(fetched).toBe(1);
    nowMs += A_WHILE_MS;
    answer = { status: 200, body };
    expect(await keys.current()).toBeDefined();
  });
});
