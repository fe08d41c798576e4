import type { JsonObject } from '../../contract/json';
import { malformed } from '../../contract/problem';
import { idOf, nameOfId } from './hdfs-request';

const ENTRY = /^(default:)?(user|group|mask|other):([^:]*):([r-][w-][x-])$/;

/** `user::rwx,user:1000:r-x,group::r-x,other::---`, as HDFS writes access lists; `default:` marks those to inherit. */
export function readAclSpec(spec: string, field: string): JsonObject {
  const access: JsonObject[] = [];
  const inherited: JsonObject[] = [];
  for (const part of spec.split(',')) {
    const [, isDefault, kind, name = '', perm] = ENTRY.exec(part.trim()) ?? [];
    if (kind === undefined) throw malformed(field, 'must be like user::rwx,group::r-x,other::---');
    const named = name !== '';
    const tag = kind === 'mask' || kind === 'other' ? kind : named ? kind : `${kind}-obj`;
    const entry = { tag, ...(named && { id: idOf(name, field) }), perm };
    (isDefault === undefined ? access : inherited).push(entry);
  }
  return {
    ...(access.length > 0 && { access }),
    ...(inherited.length > 0 && { default: inherited }),
  };
}

export interface AclEntry {
  readonly tag: string;
  readonly id: number;
  readonly perm: number;
}

/** Entries beyond the mode, as GETACLSTATUS lists them. */
export function showAcl(entries: readonly AclEntry[], prefix = ''): string[] {
  return entries
    .filter(({ tag }) => prefix !== '' || tag === 'user' || tag === 'group' || tag === 'group-obj')
    .map(({ tag, id, perm }) => {
      const name = tag === 'user' || tag === 'group' ? nameOfId(id) : '';
      return `${prefix}${tag.replace('-obj', '')}:${name}:${lettersOf(perm)}`;
    });
}

const lettersOf = (perm: number): string =>
  `${(perm & 4) === 0 ? '-' : 'r'}${(perm & 2) === 0 ? '-' : 'w'}${(perm & 1) === 0 ? '-' : 'x'}`;
