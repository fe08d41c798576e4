import type { FileObject, FileOperation, TimeArgument } from '@lockstep/state-machines';
import { checkFields, readSafeCounter } from './fields';
import type { JsonObject, JsonValue } from './json';
import { readBytes, readRequiredBytes } from './path-bytes';
import { malformed } from './problem';

/** How a field of the JSON form is read: `at` is where the operation stands, for the names in problems. */
type Reading = (op: JsonObject, at: (field: string) => string) => unknown;

const PATH = ['path', 'pathBase64'];
const OBJECT = [...PATH, 'ino', 'follow'];
const FROM_TO = ['from', 'fromBase64', 'to', 'toBase64'];

/**
 * The JSON form of each operation: its fields, and the value for the service, whose own check of types and bounds
 * follows. (api: files, the operation form)
 */
const FORMS: {
  readonly [K in FileOperation['kind']]?: readonly [readonly string[], Reading];
} = {
  stat: [OBJECT, (op, at) => ({ kind: 'stat', object: object(op, at) })],
  readlink: [OBJECT, (op, at) => ({ kind: 'readlink', object: object(op, at, false) })],
  readdir: [[...OBJECT, 'after', 'afterBase64', 'limit', 'plus'], readdir],
  create: [
    [...PATH, 'mode', 'exclusive'],
    (op, at) => ({
      kind: 'create',
      path: path(op, at),
      mode: op['mode'] ?? 0o666,
      exclusive: op['exclusive'] ?? false,
      sequential: false,
      life: { kind: 'permanent' },
    }),
  ],
  mkdir: [
    [...PATH, 'mode'],
    (op, at) => ({
      kind: 'mkdir',
      path: path(op, at),
      mode: op['mode'] ?? 0o777,
      parents: false,
      sequential: false,
      life: { kind: 'permanent' },
    }),
  ],
  mknod: [
    [...PATH, 'type', 'mode', 'rdev'],
    (op, at) => ({
      kind: 'mknod',
      path: path(op, at),
      type: op['type'],
      mode: op['mode'] ?? 0o666,
      rdev: op['rdev'] ?? { major: 0, minor: 0 },
    }),
  ],
  symlink: [
    [...PATH, 'target', 'targetBase64'],
    (op, at) => ({
      kind: 'symlink',
      path: path(op, at),
      target: readRequiredBytes(op, 'target', at('target')),
    }),
  ],
  link: [
    [...FROM_TO, 'follow'],
    (op, at) => ({ kind: 'link', ...fromTo(op, at), follow: op['follow'] ?? false }),
  ],
  unlink: [PATH, (op, at) => ({ kind: 'unlink', path: path(op, at) })],
  rmdir: [PATH, (op, at) => ({ kind: 'rmdir', path: path(op, at) })],
  rename: [
    [...FROM_TO, 'flags'],
    (op, at) => ({ kind: 'rename', ...fromTo(op, at), ...renameFlags(op['flags'], at('flags')) }),
  ],
  chmod: [
    [...OBJECT, 'mode'],
    (op, at) => ({ kind: 'chmod', object: object(op, at), mode: op['mode'] }),
  ],
  chown: [
    [...OBJECT, 'uid', 'gid'],
    (op, at) => ({
      kind: 'chown',
      object: object(op, at),
      uid: op['uid'] === -1 ? undefined : op['uid'],
      gid: op['gid'] === -1 ? undefined : op['gid'],
    }),
  ],
  utimens: [
    [...OBJECT, 'atime', 'mtime'],
    (op, at) => ({
      kind: 'utimens',
      object: object(op, at),
      atime: time(op['atime'], at('atime')),
      mtime: time(op['mtime'], at('mtime')),
    }),
  ],
  truncate: [
    [...OBJECT, 'size'],
    (op, at) => ({
      kind: 'truncate',
      object: object(op, at),
      size: signed(op['size'], at('size')),
    }),
  ],
};

const KNOWN = new Map(
  Object.entries(FORMS).map(([kind, [fields, read]]) => [
    kind,
    { fields: new Set(['kind', ...fields]), read },
  ]),
);

/** `where` is the operation's place in the request, `''` for the request itself. */
export function readFileOperation(op: JsonObject, where: string): unknown {
  const at = (field: string): string => (where === '' ? field : `${where}.${field}`);
  const form = typeof op['kind'] === 'string' ? KNOWN.get(op['kind']) : undefined;
  if (form === undefined)
    throw malformed(at('kind'), `must be one of ${Object.keys(FORMS).join(', ')}`);
  checkFields(op, form.fields, where);
  return form.read(op, at);
}

type At = (field: string) => string;

const path = (op: JsonObject, at: At): string => readRequiredBytes(op, 'path', at('path'));

function object(op: JsonObject, at: At, follow = true): FileObject {
  const ino = readSafeCounter(op['ino'], at('ino'));
  const bytes = readBytes(op, 'path', at('path'));
  if (ino !== undefined) {
    if (bytes !== undefined) throw malformed(at('ino'), 'must not be given together with a path');
    if (op['follow'] !== undefined) throw malformed(at('follow'), 'has no meaning without a path');
    return { kind: 'ino', ino };
  }
  if (bytes === undefined) throw malformed(at('path'), 'is missing: give path, pathBase64 or ino');
  return { kind: 'path', path: bytes, follow: (op['follow'] ?? follow) as boolean };
}

function fromTo(op: JsonObject, at: At): object {
  return {
    from: readRequiredBytes(op, 'from', at('from')),
    to: readRequiredBytes(op, 'to', at('to')),
  };
}

function readdir(op: JsonObject, at: At): object {
  return {
    kind: 'readdir',
    object: object(op, at),
    after: readBytes(op, 'after', at('after')),
    limit: op['limit'] ?? 1000,
    plus: op['plus'] ?? false,
  };
}

function renameFlags(flags: JsonValue | undefined, field: string): object {
  if (flags === undefined) return { noreplace: false, exchange: false, whiteout: false };
  if (!Array.isArray(flags)) throw malformed(field, 'must be a list');
  for (const flag of flags)
    if (flag !== 'noreplace' && flag !== 'exchange' && flag !== 'whiteout')
      throw malformed(field, 'may hold noreplace, exchange and whiteout');
  return {
    noreplace: flags.includes('noreplace'),
    exchange: flags.includes('exchange'),
    whiteout: flags.includes('whiteout'),
  };
}

const SIGNED = /^(0|-?[1-9]\d{0,27})$/;
const NANOS = 1_000_000_000n;

/** Nanoseconds since 1970 as a decimal string, `now` or `omit`; what is left out is omitted. */
function time(value: JsonValue | undefined, field: string): TimeArgument {
  if (value === undefined || value === 'omit') return { kind: 'omit' };
  if (value === 'now') return { kind: 'now' };
  if (typeof value !== 'string' || !SIGNED.test(value))
    throw malformed(field, 'must be nanoseconds as a decimal string, now or omit');
  const total = BigInt(value);
  const nanos = ((total % NANOS) + NANOS) % NANOS;
  return { kind: 'set', seconds: (total - nanos) / NANOS, nanos: Number(nanos) };
}

function signed(value: JsonValue | undefined, field: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && SIGNED.test(value)) return BigInt(value);
  throw malformed(field, 'must be an integer or a decimal string');
}
