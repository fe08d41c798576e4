import type { Chance } from '../simulation/chance';
import { gzipSync } from 'node:zlib';
import type { FuzzRequest } from './fuzz-request';

type Tamper = (request: FuzzRequest, chance: Chance) => FuzzRequest;

/** One thing wrong with a request, below what the API reads: its encoding, its framing, its target, its method. */
export function tampered(request: FuzzRequest, chance: Chance): FuzzRequest {
  const [name, tamper] = chance.pick(TAMPERINGS);
  return { ...tamper(request, chance), family: `tampered: ${name}` };
}

const withBody =
  (change: (body: Buffer, chance: Chance) => Buffer): Tamper =>
  (request, chance) => ({
    ...request,
    body: change(request.body ?? Buffer.from('{}'), chance),
  });

const withTarget =
  (change: (target: string, chance: Chance) => string): Tamper =>
  (request, chance) => ({
    ...request,
    route: undefined,
    target: change(request.target, chance),
  });

const withHeader =
  (...lines: readonly (readonly [string, string])[]): Tamper =>
  (request, chance) => {
    const [name, value] = chance.pick(lines);
    const others = request.headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
    return { ...request, headers: [...others, [name, value]] };
  };

const inserted = (text: string, part: string, chance: Chance): string => {
  const at = chance.below(text.length + 1);
  return text.slice(0, at) + part + text.slice(at);
};

/** The body is as long as is said: shorter would wait for more, which the raw exchanges do. */
const TAMPERINGS: readonly (readonly [string, Tamper])[] = [
  [
    'a byte of the body',
    withBody((body, chance) => {
      const other = Buffer.from(body);
      if (other.length > 0) other[chance.below(other.length)] = chance.below(256);
      return other;
    }),
  ],
  ['a body cut short', withBody((body, chance) => body.subarray(0, chance.below(body.length + 1)))],
  ['bytes after the body', withBody((body) => Buffer.concat([body, Buffer.from(' }')]))],
  ['a byte order mark', withBody((body) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]))],
  ['UTF-16', withBody((body) => Buffer.from(body.toString(), 'utf16le'))],
  [
    'no UTF-8',
    withBody((body) => Buffer.from(body.toString('latin1').replace('"', '"\xc0\xaf'), 'latin1')),
  ],
  [
    'a field twice',
    withBody((body, chance) => {
      const text = body.toString('latin1');
      const first = /"\w+":/.exec(text)?.[0] ?? '"a":';
      return Buffer.from(
        text.replace('{', `{${first}${chance.pick(['1', 'null', '"x"'])},`),
        'latin1',
      );
    }),
  ],
  [
    'a prototype',
    withBody((body, chance) => {
      const field = chance.pick([
        '"__proto__":{"session":"1-0"}',
        '"constructor":{}',
        '"\\u005f_proto__":null',
        '"prototype":[]',
      ]);
      return Buffer.from(
        body
          .toString('latin1')
          .replace(/\{(?=.)/, `{${field},`)
          .replace(',}', '}'),
        'latin1',
      );
    }),
  ],
  [
    'a body of a megabyte',
    withBody((_, chance) =>
      Buffer.alloc((1 << 20) + chance.below(3) - 1, chance.pick(['x', ' ', '['])),
    ),
  ],
  [
    'gzip',
    (request, chance) => ({
      ...withHeader(['Content-Encoding', 'gzip'])(request, chance),
      body: gzipSync(request.body ?? Buffer.from('{}')),
    }),
  ],
  [
    'another content type',
    withHeader(
      ['Content-Type', 'text/plain'],
      ['Content-Type', 'application/x-www-form-urlencoded'],
      ['Content-Type', 'application/json; charset=utf-16'],
      ['Content-Type', 'application/json;charset="'],
      ['Content-Type', 'multipart/form-data; boundary=x'],
      ['Content-Type', 'APPLICATION/JSON'],
      ['Content-Type', 'application/json, text/plain'],
      ['Content-Type', ''],
      ['Content-Type', '/'],
      ['Content-Type', 'application/problem+json'],
    ),
  ],
  [
    'no content type',
    (request) => ({
      ...request,
      headers: request.headers.filter(([name]) => name !== 'Content-Type'),
    }),
  ],
  [
    'another method',
    (request, chance) => ({
      ...request,
      route: undefined,
      method: chance.pick([
        'GET',
        'HEAD',
        'OPTIONS',
        'PUT',
        'PATCH',
        'DELETE',
        'POST',
        'TRACE',
        'PROPFIND',
        'SEARCH',
        'QUERY',
        'M-SEARCH',
      ]),
    }),
  ],
  [
    'a long header',
    withHeader(
      ['X-Long', 'y'.repeat(15_000)],
      ['X-Long', 'y'.repeat(17_000)],
      ['Cookie', 'a=b; '.repeat(2_000)],
    ),
  ],
  [
    'many headers',
    (request) => ({
      ...request,
      headers: [
        ...request.headers,
        ...Array.from({ length: 300 }, (_, at) => [`x-${at}`, '1'] as const),
      ],
    }),
  ],
  [
    'a header of bytes',
    withHeader(
      ['X-Request-Id', '\xff\xfe'],
      ['Idempotency-Key', '\x80'],
      ['Lockstep-Caller', '\xe9'],
      ['Host', '\xff'],
    ),
  ],
  [
    'another host',
    withHeader(['Host', 'evil.example'], ['Host', ''], ['Host', 'a b'], ['Host', '[::1']),
  ],
  [
    'an escape',
    withTarget((target, chance) =>
      inserted(
        target,
        chance.pick([
          '%',
          '%4',
          '%zz',
          '%00',
          '%ff',
          '%2f',
          '%2e%2e',
          '%c0%af',
          '%25',
          '%0d%0ax-injected:%201',
          '%u0041',
        ]),
        chance,
      ),
    ),
  ],
  [
    'a slash or dots',
    withTarget((target, chance) =>
      inserted(
        target,
        chance.pick([
          '/',
          '//',
          '/../',
          '/./',
          '..',
          '/..%2f',
          '\\',
          ';x=1',
          '#',
          '?',
          '&',
          '??',
          '*',
          ':',
        ]),
        chance,
      ),
    ),
  ],
  [
    'bytes in the target',
    withTarget((target, chance) =>
      inserted(
        target,
        chance.pick(['\xff', '\x80\x81', '\xc3\xa9', '"', '<', '|', '^', '`', '{', '}']),
        chance,
      ),
    ),
  ],
  [
    'an absolute target',
    withTarget((target, chance) =>
      chance.pick([
        `http://127.0.0.1${target}`,
        `http://evil.example${target}`,
        `https://x:1${target}`,
        '*',
        `//evil.example${target}`,
      ]),
    ),
  ],
  [
    'a long target',
    withTarget(
      (target, chance) =>
        target +
        chance.pick(['/', '?', '']) +
        'a'.repeat(chance.pick([200, 4_097, 15_000, 17_000])),
    ),
  ],
  [
    'a query of lists',
    withTarget(
      (target, chance) =>
        `${target}${target.includes('?') ? '&' : '?'}${chance.pick(['limit[]=1', 'limit[a]=1', 'follow=1&follow=1', '__proto__=1', 'constructor=x', 'a=%', '&&&', 'limit=1&limit=2', '='.repeat(50), 'x=1&'.repeat(1_500)])}`,
    ),
  ],
];
