import { readBytes, readRequiredBytes } from '../path-bytes';
import { RANGE_FIELDS, rangeOf } from './object-forms';
import { form, OBJECT, readCount, readObject, type FileForm } from './readings';

const CONTENT_BYTES = 64 * 1024;
const PAGE = 1_000;

/** What is asked of one inode. */
export const QUERY_FORMS = {
  stat: form(OBJECT, (op, at) => ({ kind: 'stat', object: readObject(op, at) })),
  readlink: form(OBJECT, (op, at) => ({ kind: 'readlink', object: readObject(op, at, false) })),
  readdir: form([...OBJECT, 'after', 'afterBase64', 'limit', 'plus'], (op, at) => ({
    kind: 'readdir',
    object: readObject(op, at),
    after: readBytes(op, 'after', at('after')),
    limit: op['limit'] ?? PAGE,
    plus: op['plus'] ?? false,
  })),
  access: form([...OBJECT, 'mode'], (op, at) => ({
    kind: 'access',
    object: readObject(op, at),
    mode: op['mode'] ?? 0,
  })),
  locate: form(OBJECT, (op, at) => ({ kind: 'locate', object: readObject(op, at) })),
  read: form([...OBJECT, 'offset', 'length'], (op, at) => ({
    kind: 'read',
    object: readObject(op, at),
    offset: readCount(op, 'offset', at) ?? 0,
    length: readCount(op, 'length', at) ?? CONTENT_BYTES,
  })),
  getchunks: form([...OBJECT, 'from', 'limit'], (op, at) => ({
    kind: 'getchunks',
    object: readObject(op, at),
    from: readCount(op, 'from', at) ?? 0,
    limit: op['limit'] ?? PAGE,
  })),
  /** With `mode`: what would forbid such a lock. */
  getlocks: form(RANGE_FIELDS, (op, at) => {
    if (op['mode'] === undefined)
      return { kind: 'getlocks', object: readObject(op, at), plock: undefined };
    const { object, ...plock } = rangeOf(op, at) as { readonly object: unknown };
    return { kind: 'getlocks', object, plock };
  }),
  getxattr: form([...OBJECT, 'name', 'nameBase64'], (op, at) => ({
    kind: 'getxattr',
    object: readObject(op, at),
    name: readRequiredBytes(op, 'name', at('name')),
  })),
  listxattr: form(OBJECT, (op, at) => ({ kind: 'listxattr', object: readObject(op, at) })),
  getacl: form(OBJECT, (op, at) => ({ kind: 'getacl', object: readObject(op, at) })),
  getquota: form(OBJECT, (op, at) => ({ kind: 'getquota', object: readObject(op, at) })),
  summary: form(OBJECT, (op, at) => ({ kind: 'summary', object: readObject(op, at) })),
} satisfies Readonly<Record<string, FileForm>>;
