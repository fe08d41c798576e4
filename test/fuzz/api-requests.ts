import type { Chance } from '../simulation/chance';
import type { ApiDocument, ApiRoute } from './api-document';
import { textFor, type Source } from './field-values';
import type { FuzzRequest } from './fuzz-request';
import { bodyOf } from './json-bodies';
import { jsonText, strangeText, type Json } from './strange-values';

const BYTES = ['', 'hello', '\0\xff\xfe', 'x'.repeat(65_536), 'x'.repeat(65_537)];

/** A request to a route of the document. */
export function apiRequest(route: ApiRoute, document: ApiDocument, source: Source): FuzzRequest {
  const { chance } = source;
  const query = queryOf(route, source);
  const body = contentOf(route, document, source);
  const json = body !== undefined && !route.takesBytes;
  const type = json ? 'application/json' : 'application/octet-stream';
  return {
    family: 'api',
    route: route.name,
    method: route.method,
    target: pathOf(route, source) + (query === '' ? '' : `?${query}`),
    headers: [
      ...(body === undefined ? [] : [['Content-Type', type] as const]),
      ...ownHeaders(source),
    ],
    body,
    ...(chance.happens(0.02) && body !== undefined && { chunkBytes: 1 + chance.below(40) }),
    mayWait: /waitMs|holdMs|minOp|events|watch|graceMs/.test(
      query + route.path + (body?.toString() ?? ''),
    ),
  };
}

/** Every byte of a file's path may stand there as it is or encoded; a slash separates. */
function pathOf(route: ApiRoute, source: Source): string {
  return route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const text = textFor(name, source);
    if (name === 'path') return text.split('/').slice(1).map(encodedText).join('/');
    return text === '' ? 'x' : encodedText(text);
  });
}

export const encodedText = (text: string): string =>
  [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[\w.~@*-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');

function queryOf(route: ApiRoute, source: Source): string {
  const { chance, strangeness } = source;
  const parts = route.parameters
    .filter((parameter) => parameter.in === 'query' && chance.happens(0.15))
    .map(({ name, schema }) => {
      const words = schema?.enum;
      const isWord = words !== undefined && !chance.happens(strangeness);
      return [name, isWord ? String(chance.pick(words)) : textFor(name, source)] as const;
    });
  if (chance.happens(strangeness / 2)) parts.push([strangeText(chance), strangeText(chance)]);
  if (chance.happens(strangeness / 2) && parts[0] !== undefined) parts.push(parts[0]);
  return parts.map(([name, value]) => `${encodedText(name)}=${encodedText(value)}`).join('&');
}

function contentOf(route: ApiRoute, document: ApiDocument, source: Source): Buffer | undefined {
  const { chance, strangeness } = source;
  if (route.method === 'GET') return undefined;
  if (route.takesBytes) return Buffer.from(chance.pick(BYTES), 'latin1');
  if (route.body === undefined) return chance.happens(strangeness) ? Buffer.from('{}') : undefined;
  if (chance.happens(strangeness / 4)) return undefined;
  const body: Json = bodyOf(route.body, document, source);
  return Buffer.from(jsonText(body));
}

/** Headers that the API reads, by their grammars. */
function ownHeaders(source: Source): (readonly [string, string])[] {
  const { chance, strangeness } = source;
  return HEADERS.filter(() => chance.happens(0.03))
    .map(([name, make]) => [
      name,
      // A line's end would make another header: what the parser of HTTP makes of that is asked elsewhere.
      (chance.happens(strangeness) ? strangeText(chance) : make(chance, source)).replace(
        /[\r\n\0]/g,
        '',
      ),
    ])
    .map(([name, value]) => [name ?? '', Buffer.from(value ?? '', 'utf8').toString('latin1')]);
}

type MakeHeader = (chance: Chance, source: Source) => string;
const one =
  (...values: readonly string[]): MakeHeader =>
  (chance) =>
    chance.pick(values);

const tag: MakeHeader = (chance, { pool }) =>
  chance.pick([
    `"${pool.pick('ino', chance) ?? '1'}-1"`,
    '*',
    'W/"1-1"',
    '"1-1", "2-2"',
    '"',
    ',,',
    'x',
  ]);

const HEADERS: readonly (readonly [string, MakeHeader])[] = [
  ['Idempotency-Key', one('k1', 'k2', 'k3', 'k'.repeat(256), 'k'.repeat(257), ' ', 'é')],
  [
    'Prefer',
    one(
      'wait=0',
      'wait=1',
      'wait="2"',
      'wait=999999',
      'respond-async, wait=1',
      'wait=-1',
      'wait=1e3',
    ),
  ],
  [
    'Lockstep-Caller',
    one(
      'uid=0',
      'uid=1000; gids=10,20; umask=022; cwd=1',
      'uid=99999999999',
      'gids=',
      '=',
      'uid=1;uid=2',
      'cwd=x',
    ),
  ],
  ['If-Match', tag],
  ['If-None-Match', tag],
  [
    'Range',
    one(
      'bytes=0-',
      'bytes=0-0',
      'bytes=5-1',
      'bytes=-5',
      'bytes=0-1,3-4',
      'bytes=999999999999999-',
      'lines=1-2',
    ),
  ],
  ['Last-Event-ID', one('0-0', '1-0', '57-0', '99999999999-0', '1', '-1', '1-1-1', 'x')],
  ['X-Request-Id', one('r-1', 'r'.repeat(128), 'r'.repeat(129), 'a b', '\x7f')],
  ['Accept', one('*/*', 'text/event-stream', 'application/xml;q=1e999')],
  ['Expect', one('100-continue', 'something')],
  ['X-Forwarded-For', one('127.0.0.1', "'")],
  ['lockstep-from-replica', one('r0', '')],
];
