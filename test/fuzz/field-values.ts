import type { Chance } from '../simulation/chance';
import type { Pool } from './pool';
import { RawJson, strangeNumber, strangeText, strangeValue, type Json } from './strange-values';

export interface Source {
  readonly chance: Chance;
  readonly pool: Pool;
  /** How often a value is not what its name wants. */
  readonly strangeness: number;
}

const LOCKS = ['a', 'b', 'door', 'x/y', 'x/y/z', 'sem'];
const PATHS = ['/', '/d', '/d/f', '/f', '/l', '/d/e', '/d/e/g', '/new', '/d/./f', '/d/../f'];
const MODES = ['exclusive', 'shared', 'permit', 'null', 'intention-shared', 'update'];
const SMALL = [0, 1, 2, 3, 5, 10, 64];
const TEXTS = ['', 'x', 'text', 'é'];
const BASE64 = ['', 'AA==', 'aGVsbG8=', '////'];

type Make = (chance: Chance, pool: Pool) => Json;
const from =
  (...values: readonly Json[]): Make =>
  (chance) =>
    chance.pick(values);
const known =
  (name: string, otherwise: string): Make =>
  (chance, pool) =>
    pool.pick(name, chance) ?? otherwise;

const path = from(...PATHS);
const base64 = from(...BASE64);
const lock = from(...LOCKS);
const small = from(...SMALL);
const flag = from(true, false);

/** What fits, by the name of the field: names mean the same in paths, queries, bodies and operations. */
const FITTING: Readonly<Record<string, Make>> = {
  session: known('session', '1-0'),
  id: (chance, pool) =>
    pool.pick(chance.pick(['session', 'request']), chance) ?? chance.pick(['n1', '1']),
  request: known('request', 'local*00'),
  keepAlive: known('session', '1-0'),
  fence: known('fence', '17592186044417'),
  sequencer: known('sequencer', 'a;exclusive;17592186044417'),
  sequencers: (chance, pool) => [pool.pick('sequencer', chance) ?? 'a;exclusive;1'],
  ino: known('ino', '1'),
  handle: known('handle', '1'),
  handleOf: from(0, 1),
  after: known('next', 'a'),
  asOf: known('op', '1'),
  since: small,
  minOp: from(0, 1, 5),
  lock,
  name: lock,
  election: lock,
  barrier: lock,
  latch: lock,
  prefix: from('', 'a', 'x/'),
  owner: from('', 'o1', 'o2'),
  locks: () => [{ name: 'a' }, { name: 'b', mode: 'shared' }],
  mode: (chance) => chance.pick<Json>([...MODES, 0o644, 0o755, 0o7777, 4]),
  waitMs: from(0, 0, 1, 50),
  holdMs: from(0, 1, 50),
  ttlMs: from(2_000, 10_000, 86_400_000),
  maxHoldMs: from(0, 1_000, 100_000),
  minHoldMs: from(0, 0, 10),
  claimMs: from(0, 1_000),
  graceMs: from(0, 0, 1_000),
  victim: from('requester', 'youngest', 'lowest-priority'),
  priority: from(-100, 0, 1, 100),
  permits: from(1, 2),
  limit: from(1, 2, 10),
  count: from(0, 1, 3),
  by: from(1, 2, -1),
  parties: from(1, 2),
  to: (chance, pool) =>
    (chance.happens(0.3) ? pool.pick('request', chance) : undefined) ?? path(chance, pool),
  from: path,
  path,
  target: path,
  pathBase64: from('Lw==', 'L2Q=', 'L/8='),
  fromBase64: from('L2Y=', 'L2Q='),
  toBase64: from('L24=', 'L2Q='),
  valueBase64: base64,
  dataBase64: base64,
  contentBase64: base64,
  targetBase64: base64,
  nameBase64: from('dXNlci5h', 'AA=='),
  afterBase64: base64,
  volume: from('main', 'main', 'main', 'v1', 'v2'),
  snapshot: from('s1', 's2'),
  type: from('file', 'file', 'dir', 'symlink', 'fifo', 'socket', 'char', 'block'),
  size: from(0, 1, 100, 65_536),
  offset: from(0, 1, 100),
  length: from(0, 1, 100),
  start: from(0, 10),
  index: small,
  uid: from(0, 1, 1000),
  gid: from(0, 10, 1000),
  atime: from('now', 'omit', '1700000000000000000'),
  mtime: from('now', 'omit', '1700000000000000000'),
  flags: (chance) => chance.pick<Json>([[], ['noreplace'], ['RDONLY'], ['RDWR', 'CREAT'], 0, 2]),
  rdev: () => ({ major: 1, minor: 3 }),
  caller: (chance) => ({ uid: chance.pick([0, 1000]), gids: [10] }),
  if: (chance) => [
    chance.pick<Json>([
      { path: '/d', exists: true },
      { path: '/f', etag: '"1-1"' },
      { lock: 'a', fence: '1' },
    ]),
  ],
  access: () => [
    { tag: 'user-obj', perm: 'rwx' },
    { tag: 'group-obj', perm: 5 },
    { tag: 'other', perm: 0 },
  ],
  default: () => [],
  put: () => [{ index: 0, dataBase64: 'AA==' }],
  remove: () => [1, 2],
  objects: () => ['/d', { path: '/f' }],
  role: from('active', 'witness'),
  peerUrl: from('http://127.0.0.1:9', 'x'),
  clientUrl: from('http://127.0.0.1:9', 'x'),
  epoch: from(0, 1),
  replicas: () => [{ id: 'nobody' }],
  nextReplicaNumber: small,
  requestNumber: (chance) => 1 + chance.below(50),
  ackedBelow: from(0, 1),
  reason: from(...TEXTS),
  note: from(...TEXTS),
  value: from(...TEXTS),
  exclusive: flag,
  parents: flag,
  recursive: flag,
  follow: flag,
  trash: flag,
  plus: flag,
  pin: flag,
  dryRun: flag,
  atomic: flag,
  validate: flag,
  consistency: from('linearizable', 'lease', 'stale'),
  state: from('any', 'held', 'waited'),
  timeoutMs: from(1, 1_000, 5_000),
};

/** A value for a field: mostly what its name wants, else anything. */
export function valueFor(name: string, { chance, pool, strangeness }: Source): Json {
  if (chance.happens(strangeness)) return strangeValue(chance);
  const make = FITTING[name];
  if (make !== undefined) return make(chance, pool);
  return chance.pick<Json>([...TEXTS, ...SMALL, true, false]);
}

/** The same as text, for paths, queries and headers. */
export function textFor(name: string, source: Source): string {
  const { chance } = source;
  const value = chance.happens(source.strangeness)
    ? chance.pick<Json>([strangeText(chance), strangeNumber(chance)])
    : valueFor(name, { ...source, strangeness: 0 });
  if (value instanceof RawJson) return value.text;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
