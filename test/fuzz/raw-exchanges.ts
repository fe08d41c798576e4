import type { Chance } from '../simulation/chance';

/** Bytes that are no proper request. */
export interface RawExchange {
  readonly family: string;
  /** Written one after the other, with a little time between. */
  readonly parts: readonly Buffer[];
  /** Hangs up itself after the last part, without reading. */
  readonly aborts: boolean;
}

const GET = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';
const POST = 'POST /v1/counter/raw HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
const SMUGGLED = 'DELETE /v1/fs/main/path/?recursive=1 HTTP/1.1\r\nHost: x\r\n\r\n';

const SHAPES: Readonly<Record<string, (chance: Chance) => readonly (string | Buffer)[]>> = {
  'half a request line': (chance) => [GET.slice(0, chance.below(16))],
  'half the headers': (chance) => [GET.slice(0, 20 + chance.below(15))],
  'one byte at a time': () => GET.split(/(?!^)/),
  'a header at a time, slowly': () => ['GET / HTTP/1.1\r\n', 'A: 1\r\n', 'B: 2\r\n', 'C: 3\r\n'],
  'half a body': (chance) => [
    `${POST}Content-Length: 100\r\n\r\n`,
    '{"by":'.slice(0, chance.below(7)),
  ],
  'many requests at once': (chance) => [GET.repeat(2 + chance.below(60))],
  'a length and chunks': () => [
    `${POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  'two lengths': () => [`${POST}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}${SMUGGLED}`],
  'a length that is none': (chance) => [
    `${POST}Content-Length: ${chance.pick(['-1', '+2', '0x2', '2 ', '1e1', '99999999999999999999', ''])}\r\n\r\n{}`,
  ],
  'another coding': (chance) => [
    `${POST}Transfer-Encoding: ${chance.pick(['gzip', 'chunked, gzip', ' chunked', 'xchunked', 'chunked\r\nTransfer-Encoding: identity'])}\r\n\r\n0\r\n\r\n`,
  ],
  'bad chunks': (chance) => [
    `${POST}Transfer-Encoding: chunked\r\n\r\n${chance.pick(['zz\r\n{}\r\n0\r\n\r\n', '2\r\n{}0\r\n\r\n', '2;a="\r\n{}\r\n0\r\n\r\n', '-1\r\n\r\n', 'fffffffffffffffff\r\n', '2\n{}\n0\n\n', `0\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`])}`,
  ],
  'HTTP/0.9': () => ['GET /health/live\r\n\r\n'],
  'another version': (chance) => [
    `GET / HTTP/${chance.pick(['1.0', '2.0', '3', '0.9', '9.9', '1.1.1', ''])}\r\n\r\n`,
  ],
  'the preface of HTTP/2': () => ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  'a hello of TLS': () => [Buffer.from('16030100c8010000c40303', 'hex'), Buffer.alloc(200, 1)],
  'bare line ends': () => ['GET / HTTP/1.1\nHost: x\n\n'],
  'a folded header': () => ['GET / HTTP/1.1\r\nA: 1\r\n  2\r\n\r\n'],
  'a space before the colon': () => ['GET / HTTP/1.1\r\nHost : x\r\n\r\n'],
  'a zero in a header': () => ['GET / HTTP/1.1\r\nA: \0\r\n\r\n'],
  'a method of no end': () => [`${'A'.repeat(20_000)} / HTTP/1.1\r\n\r\n`],
  'a target of no end': () => [`GET /${'a'.repeat(40_000)} HTTP/1.1\r\n\r\n`],
  'no target': () => ['GET  HTTP/1.1\r\n\r\n'],
  connect: () => ['CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n'],
  'an upgrade to nothing': (chance) => [
    `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${chance.pick(['h2c', 'websocket', 'x', ''])}\r\n\r\n`,
  ],
  'an upgrade with a body': () => [
    `POST /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello`,
  ],
  'a websocket without a key': () => [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n',
  ],
  'a handshake of engine.io': (chance) => [
    `${chance.pick(['GET', 'POST', 'OPTIONS', 'PUT'])} /socket.io/?${chance.pick(['EIO=4&transport=polling', 'EIO=3&transport=polling', 'EIO=4&transport=webtransport', 'EIO=4', 'transport=__proto__', 'EIO=4&transport=websocket&sid=__proto__', 'EIO=4&transport=polling&sid=x', 'EIO=4&transport=polling&j=0', 'EIO[]=4&transport[]=websocket', 'transport=websocket&transport=polling', ''])} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`,
  ],
  noise: (chance) => [
    Buffer.from(Array.from({ length: 1 + chance.below(300) }, () => chance.below(256))),
  ],
  'a request, then noise': (chance) => [
    GET,
    Buffer.from(Array.from({ length: 50 }, () => chance.below(256))),
  ],
};

export function rawExchange(chance: Chance): RawExchange {
  const name = chance.pick(Object.keys(SHAPES));
  const parts = (SHAPES[name]?.(chance) ?? []).map((part) =>
    typeof part === 'string' ? Buffer.from(part, 'latin1') : part,
  );
  return { family: `raw: ${name}`, parts, aborts: chance.happens(0.3) };
}
