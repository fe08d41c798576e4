import type { JsonObject, JsonValue } from '../json';
import { readRequiredBytes } from '../path-bytes';
import { malformed } from '../problem';
import {
  form,
  FROM_TO,
  fromTo,
  PATH,
  readCount,
  readList,
  readPath,
  type At,
  type FileForm,
} from './readings';

const LIFE = ['sequential', 'ephemeral', 'ttlMs'];

/** Operations on names: they come, go and move. (api: files, the operation form) */
export const NAME_FORMS = {
  create: form([...PATH, 'mode', 'exclusive', ...LIFE], (op, at) => ({
    kind: 'create',
    path: readPath(op, at),
    mode: op['mode'] ?? 0o666,
    exclusive: op['exclusive'] ?? false,
    sequential: op['sequential'] ?? false,
    life: readLife(op, at),
  })),
  mkdir: form([...PATH, 'mode', 'parents', 'container', ...LIFE], (op, at) => ({
    kind: 'mkdir',
    path: readPath(op, at),
    mode: op['mode'] ?? 0o777,
    parents: op['parents'] ?? false,
    sequential: op['sequential'] ?? false,
    life: readLife(op, at),
  })),
  mknod: form([...PATH, 'type', 'mode', 'rdev'], (op, at) => ({
    kind: 'mknod',
    path: readPath(op, at),
    type: op['type'],
    mode: op['mode'] ?? 0o666,
    rdev: op['rdev'] ?? { major: 0, minor: 0 },
  })),
  symlink: form([...PATH, 'target', 'targetBase64'], (op, at) => ({
    kind: 'symlink',
    path: readPath(op, at),
    target: readRequiredBytes(op, 'target', at('target')),
  })),
  link: form([...FROM_TO, 'follow'], (op, at) => ({
    kind: 'link',
    ...fromTo(op, at),
    follow: op['follow'] ?? false,
  })),
  unlink: form(PATH, (op, at) => ({ kind: 'unlink', path: readPath(op, at) })),
  rmdir: form(PATH, (op, at) => ({ kind: 'rmdir', path: readPath(op, at) })),
  remove: form([...PATH, 'recursive', 'trash'], (op, at) => ({
    kind: 'remove',
    path: readPath(op, at),
    recursive: op['recursive'] ?? false,
    trash: op['trash'] ?? false,
  })),
  rename: form([...FROM_TO, 'flags'], (op, at) => ({
    kind: 'rename',
    ...fromTo(op, at),
    ...renameFlags(op['flags'], at('flags')),
  })),
  clone: form([...FROM_TO, 'recursive'], (op, at) => ({
    kind: 'clone',
    ...fromTo(op, at),
    recursive: op['recursive'] ?? false,
  })),
  concat: form(['to', 'toBase64', 'from'], (op, at) => ({
    kind: 'concat',
    to: readRequiredBytes(op, 'to', at('to')),
    from: readList(op['from'], at('from'), sourcePath),
  })),
} satisfies Readonly<Record<string, FileForm>>;

/** A source is a path, or `{pathBase64}`. */
function sourcePath(item: JsonValue, field: string): unknown {
  const object = typeof item === 'object' && item !== null ? (item as JsonObject) : { path: item };
  return readRequiredBytes(object, 'path', field);
}

/** One at most of `ephemeral`, `ttlMs` and `container`. */
function readLife(op: JsonObject, at: At): object {
  const ttlMs = readCount(op, 'ttlMs', at);
  const asked = [
    ...(op['ephemeral'] === undefined || op['ephemeral'] === false ? [] : ['ephemeral']),
    ...(ttlMs === undefined ? [] : ['ttlMs']),
    ...(op['container'] === undefined || op['container'] === false ? [] : ['container']),
  ];
  const [first, second] = asked;
  for (const name of ['ephemeral', 'container'])
    if (op[name] !== undefined && typeof op[name] !== 'boolean')
      throw malformed(at(name), 'must be true or false');
  if (second !== undefined) throw malformed(at(second), `must not be given together with ${first}`);
  if (first === undefined) return { kind: 'permanent' };
  return first === 'ttlMs' ? { kind: 'ttl', ttlMs } : { kind: first };
}

const RENAME_FLAGS: readonly unknown[] = ['noreplace', 'exchange', 'whiteout'];

function renameFlags(flags: JsonValue | undefined, field: string): object {
  const given = readList(flags, field, (flag) => {
    if (!RENAME_FLAGS.includes(flag))
      throw malformed(field, 'may hold noreplace, exchange and whiteout');
    return flag;
  });
  return {
    noreplace: given.includes('noreplace'),
    exchange: given.includes('exchange'),
    whiteout: given.includes('whiteout'),
  };
}
