import { io } from 'socket.io-client';
import * as parser from 'socket.io-msgpack-parser';
import { GroupHarness } from './group-harness';
import { rest } from './rest-client';

const FRIEND = 'https://console.example';
const STRANGER = 'https://elsewhere.example';

describe('what a browser may do at a replica', () => {
  let group: GroupHarness;
  let url: string;

  beforeAll(async () => {
    group = await GroupHarness.start({
      replicas: 1,
      environment: () => ({ LOCKSTEP_SETTINGS: `cors: {origins: ['${FRIEND}']}` }),
    });
    url = group.replicas[0]?.url ?? '';
  }, 60_000);

  afterAll(() => group.stop());

  const asked = (method: string, path: string, headers: Record<string, string>) =>
    rest(`${url}${path}`, method, undefined, headers);

  it('every answer says what its browser must not do, and none sets a cookie', async () => {
    for (const path of ['/v1/cluster', '/v1/nothing', '/docs', '/metrics']) {
      const { headers } = await fetch(`${url}${path}`);
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none';script-src 'self';.*frame-ancestors 'none'$/,
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('strict-transport-security')).toBeNull();
      expect(headers.get('set-cookie')).toBeNull();
    }
  });

  it('the page of the contract needs nothing that it is forbidden', async () => {
    const page = await (await fetch(`${url}/docs`)).text();
    const scripts = [...page.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, attributes, inline] of scripts) {
      expect(attributes).toMatch(/src=["']\.?\//);
      expect(inline?.trim()).toBe('');
    }
    expect(page).not.toMatch(/(?:src|href)=["']https?:/);
  });

  it('a page of an allowed origin may ask, and is told so', async () => {
    const preflight = await asked('OPTIONS', '/v1/cluster', {
      origin: FRIEND,
      'access-control-request-method': 'POST',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toMatch(/POST/);
    const answer = await asked('GET', '/v1/cluster', { origin: FRIEND });
    expect(answer.headers.get('access-control-allow-origin')).toBe(FRIEND);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('a page of another origin reads nothing and changes nothing', async () => {
    const preflight = await asked('OPTIONS', '/v1/cluster', {
      origin: STRANGER,
      'access-control-request-method': 'POST',
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    const read = await asked('GET', '/v1/cluster', { origin: STRANGER });
    expect(read.headers.get('access-control-allow-origin')).toBeNull();
    const change = await asked('POST', '/v1/cluster/checkpoint', { origin: STRANGER });
    expect(change).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const own = await asked('POST', '/v1/cluster/checkpoint', { origin: url });
    expect(own.status).toBe(202);
  });

  it.each([
    [FRIEND, true],
    [STRANGER, false],
    ['null', false],
  ])('a websocket of a page of %s is opened: %s', async (origin, isOpened) => {
    const socket = io(`${url}/client`, {
      parser,
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: { origin },
    });
    const outcome = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => {
        resolve(true);
      });
      socket.once('connect_error', () => {
        resolve(false);
      });
    });
    socket.disconnect();
    expect(outcome).toBe(isOpened);
  });
});
