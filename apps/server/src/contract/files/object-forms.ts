import { checkFields } from '../fields';
import type { JsonObject, JsonValue } from '../json';
import { readRequiredBytes } from '../path-bytes';
import { malformed } from '../problem';
import {
  form,
  OBJECT,
  PATH,
  readCount,
  readData,
  readList,
  readObject,
  readPath,
  readSigned,
  readTime,
  type At,
  type FileForm,
} from './readings';

const RANGE = ['owner', 'mode', 'start', 'length'];

/** Operations on one inode: its attributes, its content, its locks, and what it may have more of. */
export const OBJECT_FORMS = {
  chmod: form([...OBJECT, 'mode'], (op, at) => ({
    kind: 'chmod',
    object: readObject(op, at),
    mode: op['mode'],
  })),
  chown: form([...OBJECT, 'uid', 'gid'], (op, at) => ({
    kind: 'chown',
    object: readObject(op, at),
    uid: op['uid'] === -1 ? undefined : op['uid'],
    gid: op['gid'] === -1 ? undefined : op['gid'],
  })),
  utimens: form([...OBJECT, 'atime', 'mtime'], (op, at) => ({
    kind: 'utimens',
    object: readObject(op, at),
    atime: readTime(op['atime'], at('atime')),
    mtime: readTime(op['mtime'], at('mtime')),
  })),
  truncate: form([...OBJECT, 'size'], (op, at) => ({
    kind: 'truncate',
    object: readObject(op, at),
    size: readSigned(op['size'], at('size')),
  })),
  setflags: form([...OBJECT, 'flags'], (op, at) => ({
    kind: 'setflags',
    object: readObject(op, at),
    flags: op['flags'],
  })),
  touch: form(['objects'], (op, at) => ({
    kind: 'touch',
    objects: readList(op['objects'], at('objects'), objectIn),
  })),
  open: form([...PATH, 'flags', 'mode'], (op, at) => ({
    kind: 'open',
    path: readPath(op, at),
    flags: op['flags'] ?? ['RDONLY'],
    mode: op['mode'] ?? 0o666,
  })),
  close: form(['handle', 'handleOf'], (op, at) => ({ kind: 'close', object: readObject(op, at) })),
  write: form([...OBJECT, 'offset', 'data', 'dataBase64'], (op, at) => ({
    kind: 'write',
    object: readObject(op, at),
    offset: readCount(op, 'offset', at),
    data: readData(op, 'data', at),
  })),
  setchunks: form([...OBJECT, 'put', 'remove', 'size'], (op, at) => ({
    kind: 'setchunks',
    object: readObject(op, at),
    put: readList(op['put'], at('put'), chunkIn),
    remove: op['remove'] ?? [],
    size: readCount(op, 'size', at),
  })),
  flock: form([...OBJECT, 'owner', 'mode'], (op, at) => ({
    kind: 'flock',
    object: readObject(op, at),
    owner: op['owner'] ?? '',
    mode: op['mode'],
  })),
  plock: form([...OBJECT, ...RANGE], (op, at) => ({ kind: 'plock', ...rangeOf(op, at) })),
  setxattr: form([...OBJECT, 'name', 'nameBase64', 'value', 'valueBase64', 'flags'], (op, at) => ({
    kind: 'setxattr',
    object: readObject(op, at),
    name: readRequiredBytes(op, 'name', at('name')),
    value: readData(op, 'value', at),
    how: howOf(op['flags'], at('flags')),
  })),
  removexattr: form([...OBJECT, 'name', 'nameBase64'], (op, at) => ({
    kind: 'removexattr',
    object: readObject(op, at),
    name: readRequiredBytes(op, 'name', at('name')),
  })),
  setacl: form([...OBJECT, 'access', 'default'], (op, at) => ({
    kind: 'setacl',
    object: readObject(op, at),
    access: aclOf(op['access'], at('access')),
    default: aclOf(op['default'], at('default')),
  })),
  setquota: form([...OBJECT, 'inodes', 'bytes'], (op, at) => ({
    kind: 'setquota',
    object: readObject(op, at),
    inodes: readCount(op, 'inodes', at) ?? 0,
    bytes: readCount(op, 'bytes', at) ?? 0,
  })),
} satisfies Readonly<Record<string, FileForm>>;

export const RANGE_FIELDS: readonly string[] = [...OBJECT, ...RANGE];

export const rangeOf = (op: JsonObject, at: At): object => ({
  object: readObject(op, at),
  owner: op['owner'] ?? '',
  mode: op['mode'],
  start: readCount(op, 'start', at) ?? 0,
  length: readCount(op, 'length', at) ?? 0,
});

const OBJECT_FIELDS = new Set(OBJECT);

/** A path, or an object with its fields. */
export function objectIn(item: JsonValue, field: string): unknown {
  const object = typeof item === 'string' ? { path: item } : item;
  checkFields(object, OBJECT_FIELDS, field);
  return readObject(object, (name) => `${field}.${name}`);
}

const CHUNK_FIELDS = new Set(['index', 'data', 'dataBase64']);

function chunkIn(item: JsonValue, field: string): unknown {
  checkFields(item, CHUNK_FIELDS, field);
  const at: At = (name) => `${field}.${name}`;
  return { index: item['index'], data: readData(item, 'data', at) };
}

function howOf(flags: JsonValue | undefined, field: string): string {
  const given = readList(flags, field, (flag) => flag);
  const [flag = 'any'] = given;
  if (given.length > 1 || (flag !== 'any' && flag !== 'create' && flag !== 'replace'))
    throw malformed(field, 'may hold create or replace');
  return flag;
}

const ENTRY_FIELDS = new Set(['tag', 'id', 'perm']);

function aclOf(value: JsonValue | undefined, field: string): unknown {
  if (value === undefined) return undefined;
  return readList(value, field, (item, at) => {
    checkFields(item, ENTRY_FIELDS, at);
    return { tag: item['tag'], id: item['id'] ?? 0, perm: permOf(item['perm'], `${at}.perm`) };
  });
}

const LETTERS = /^([r-])([w-])([x-])$/;

/** 0 to 7, or `rwx` with a dash for each that is missing. */
function permOf(value: JsonValue | undefined, field: string): unknown {
  if (typeof value !== 'string') return value;
  const match = LETTERS.exec(value);
  if (match === null) throw malformed(field, 'must be a number from 0 to 7, or like r-x');
  const [, read, write, execute] = match;
  return (read === 'r' ? 4 : 0) + (write === 'w' ? 2 : 0) + (execute === 'x' ? 1 : 0);
}
