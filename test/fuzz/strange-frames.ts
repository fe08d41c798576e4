import type { Chance } from '../simulation/chance';
import { fieldsOf, fileOperation } from './json-bodies';
import { packed } from './frame-socket';
import type { Source } from './field-values';
import { RawJson, strangeText, strangeValue, type Json } from './strange-values';

const HEADS = [
  0xc0, 0xc1, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc4, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcf, 0xd3,
  0xd4, 0xd7, 0xd8, 0xdb, 0xdd, 0xdf, 0xff,
];
const LENGTHS = [
  [0, 0, 0, 0],
  [0, 0, 0, 1],
  [0x01, 0xff, 0xff, 0xff],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff],
  [0, 0x10, 0, 0],
];
const RESERVED = [
  'error',
  'disconnect',
  'disconnecting',
  'connect',
  'connect_error',
  'newListener',
  'removeListener',
  'requests',
  'frame',
  'proof',
  '',
  'toString',
];

/** msgpack that no packer makes: lengths that lie, types that JSON has not, values cut short. */
export function brokenMsgpack(chance: Chance): Buffer {
  const parts = Array.from({ length: 1 + chance.below(40) }, () => [
    chance.pick(HEADS),
    ...(chance.happens(0.7) ? chance.pick(LENGTHS) : []),
  ]);
  return Buffer.from(parts.flat());
}

/** Values of msgpack: those of JSON, and bytes, dates, numbers that are none. */
export function packable(value: Json): unknown {
  if (value instanceof RawJson) return Number(value.text);
  if (Array.isArray(value)) return value.map(packable);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value as Readonly<Record<string, Json>>);
  return Object.fromEntries(fields.map(([name, inner]) => [name, packable(inner)]));
}

const beyondJson = (chance: Chance): unknown =>
  chance.pick<unknown>([
    Buffer.from([0, 255]),
    new Date(0),
    Number.NaN,
    Infinity,
    -0,
    undefined,
    new ArrayBuffer(3),
    packable(strangeValue(chance)),
  ]);

/** A packet that is no proper one, or proper with something strange in it. */
export function strangePacket(nsp: string, source: Source): Buffer {
  const { chance } = source;
  const data: readonly unknown[] = [
    chance.happens(0.5) ? chance.pick(RESERVED) : beyondJson(chance),
    beyondJson(chance),
    ...(chance.happens(0.2) ? [beyondJson(chance)] : []),
  ];
  const packet = {
    type: chance.happens(0.6) ? 2 : chance.pick<unknown>([0, 1, 2, 3, 4, 5, 6, -1, 1.5, '2', null]),
    nsp: chance.happens(0.8)
      ? nsp
      : chance.pick<unknown>([
          '/',
          '',
          '/admin',
          '/peers',
          '/client',
          '/client/',
          '/client?x=1',
          1,
          null,
          strangeText(chance),
        ]),
    data: chance.happens(0.8) ? data : beyondJson(chance),
    ...(chance.happens(0.3) && { id: chance.pick<unknown>([0, 1, -1, 1.5, 2 ** 53, 'x', null]) }),
  };
  const bytes = packed(packet);
  if (chance.happens(0.3)) bytes[chance.below(bytes.length)] = chance.below(256);
  return chance.happens(0.1) ? bytes.subarray(0, chance.below(bytes.length)) : bytes;
}

const LOCK_FIELDS = [
  'session',
  'owner',
  'lock',
  'mode',
  'waitMs',
  'priority',
  'maxHoldMs',
  'claimMs',
  'victim',
  'note',
  'fence',
  'value',
  'to',
  'limit',
  'permits',
  'election',
  'latch',
  'count',
  'by',
  'barrier',
  'parties',
  'request',
  'reason',
  'graceMs',
  'locks',
  'valueBase64',
];

/** By service: kinds of operations, kinds of queries, and the fields that they have. */
const GRAMMAR: Readonly<
  Record<
    string,
    readonly [ops: readonly string[], queries: readonly string[], fields: readonly string[]]
  >
> = {
  sessions: [
    ['open', 'close'],
    ['get', 'list'],
    ['ttlMs', 'name', 'metadata', 'lockDelayMs', 'onEnd', 'session', 'after', 'limit', 'prefix'],
  ],
  locks: [
    [
      'acquire',
      'release',
      'cancel',
      'claim',
      'convert',
      'amend',
      'set-value',
      'break',
      'transfer',
      'set-limit',
      'campaign',
      'proclaim',
      'resign',
      'set-latch',
      'count-down',
      'remove-latch',
      'enter',
      'leave',
    ],
    ['lock', 'locks', 'request', 'check', 'session', 'graph', 'election', 'latch', 'barrier'],
    LOCK_FIELDS,
  ],
  counter: [['add', 'reset'], ['get'], ['name', 'by']],
  group: [
    ['checkpoint', 'join', 'reconfigure'],
    ['configuration', 'epochs', 'joiners'],
    [
      'id',
      'role',
      'peerUrl',
      'clientUrl',
      'nextReplicaNumber',
      'epoch',
      'replicas',
      'after',
      'limit',
    ],
  ],
};

/** An item of a frame of the client channel, by its grammar, with something strange where `strangeness` says. */
export function item(id: number, source: Source): Record<string, unknown> {
  const { chance } = source;
  const more = fieldsOf(
    [
      'timeoutMs',
      'session',
      'requestNumber',
      'ackedBelow',
      'key',
      'consistency',
      'minOp',
      'waitMs',
      'since',
    ].filter(() => chance.happens(0.08)),
    source,
  );
  return { id, ...(packable(call(source)) as object), ...(packable(more) as object) };
}

function call(source: Source): Readonly<Record<string, Json>> {
  const { chance } = source;
  if (chance.happens(0.05)) return fieldsOf(['keepAlive'], source);
  if (chance.happens(0.3))
    return { service: 'files', [chance.pick(['op', 'query'])]: fileOperation(source) };
  const service = chance.pick(Object.keys(GRAMMAR));
  const [ops, queries, fields] = GRAMMAR[service] ?? [[], [], []];
  const isOp = chance.happens(0.6);
  const kind = chance.pick(isOp ? ops : queries);
  const wanted = fields.filter(() => chance.happens(service === 'locks' ? 0.25 : 0.6));
  return { service, [isOp ? 'op' : 'query']: { kind, ...fieldsOf(wanted, source) } };
}
