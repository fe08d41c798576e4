import type { FileMoment, FileObject, TimeArgument } from '@lockstep/state-machines';
import type { ByteString } from '@lockstep/vr-core';
import { readSafeCounter } from '../fields';
import type { JsonObject, JsonValue } from '../json';
import { readBytes, readRequiredBytes } from '../path-bytes';
import { malformed } from '../problem';

/** The name of a field in problems: where the operation stands in the request, and the field. */
export type At = (field: string) => string;

/** How the JSON of one kind of operation is read: its fields, and the value for the service, which checks the rest. */
export interface FileForm {
  readonly fields: ReadonlySet<string>;
  read(op: JsonObject, at: At): object;
}

export const form = (fields: readonly string[], read: FileForm['read']): FileForm => ({
  fields: new Set(['kind', ...fields]),
  read,
});

export const PATH = ['path', 'pathBase64'];
export const OBJECT = [...PATH, 'ino', 'handle', 'handleOf', 'follow'];
export const FROM_TO = ['from', 'fromBase64', 'to', 'toBase64'];

export const readPath = (op: JsonObject, at: At): ByteString =>
  readRequiredBytes(op, 'path', at('path'));

export const fromTo = (
  op: JsonObject,
  at: At,
): { readonly from: ByteString; readonly to: ByteString } => ({
  from: readRequiredBytes(op, 'from', at('from')),
  to: readRequiredBytes(op, 'to', at('to')),
});

/** An object by `path` (with `follow`), `ino`, `handle`, or the handle that an earlier operation of the request has opened. */
export function readObject(op: JsonObject, at: At, follow = true): FileObject {
  const named = [
    ['path', readBytes(op, 'path', at('path'))],
    ['ino', readSafeCounter(op['ino'], at('ino'))],
    ['handle', readSafeCounter(op['handle'], at('handle'))],
    ['handleOf', readPlace(op['handleOf'], at('handleOf'))],
  ] as const;
  const given = named.filter(([, value]) => value !== undefined);
  const [first, second] = given;
  if (first === undefined)
    throw malformed(at('path'), 'is missing: give path, pathBase64, ino, handle or handleOf');
  if (second !== undefined)
    throw malformed(at(second[0]), `must not be given together with ${nameOf(first[0])}`);
  const [by, value] = first;
  if (by !== 'path' && op['follow'] !== undefined)
    throw malformed(at('follow'), 'has no meaning without a path');
  switch (by) {
    case 'path':
      return {
        kind: 'path',
        path: value as ByteString,
        follow: (op['follow'] ?? follow) as boolean,
      };
    case 'ino':
      return { kind: 'ino', ino: value as number };
    case 'handle':
      return { kind: 'handle', handle: value as number };
    case 'handleOf':
      return { kind: 'opened', at: value as number };
  }
}

const nameOf = (by: string): string => (by === 'path' ? 'a path' : by);

function readPlace(value: JsonValue | undefined, field: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw malformed(field, 'must be the place, from 0, of the operation that opens it');
}

const SIGNED = /^(0|-?[1-9]\d{0,27})$/;
const NANOS = 1_000_000_000n;

/** Nanoseconds since 1970 as a decimal string, `now` or `omit`; what is left out is omitted. */
export function readTime(value: JsonValue | undefined, field: string): TimeArgument {
  if (value === undefined || value === 'omit') return { kind: 'omit' };
  if (value === 'now') return { kind: 'now' };
  if (typeof value !== 'string' || !SIGNED.test(value))
    throw malformed(field, 'must be nanoseconds as a decimal string, now or omit');
  const total = BigInt(value);
  const nanos = ((total % NANOS) + NANOS) % NANOS;
  return { kind: 'set', seconds: (total - nanos) / NANOS, nanos: Number(nanos) };
}

export function readSigned(value: JsonValue | undefined, field: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && SIGNED.test(value)) return BigInt(value);
  throw malformed(field, 'must be an integer or a decimal string');
}

/** A number that may pass 2^53 in other systems, and not here: an integer or a decimal string. */
export const readCount = (op: JsonObject, name: string, at: At): number | undefined =>
  readSafeCounter(op[name], at(name));

/** Bytes as `{name}Base64`, or as text in `{name}`. */
export function readData(op: JsonObject, name: string, at: At): Uint8Array {
  const bytes = readBytes(op, name, at(name));
  if (bytes === undefined) throw malformed(at(`${name}Base64`), 'is missing');
  return Buffer.from(bytes, 'latin1');
}

/** A list of values that are read one by one. */
export function readList<T>(
  value: JsonValue | undefined,
  field: string,
  read: (item: JsonValue, at: string) => T,
): readonly T[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw malformed(field, 'must be a list');
  return value.map((item: JsonValue, at) => read(item, `${field}.${at}`));
}

/** `"now"`, an op-number, or `{snapshot}`. */
export function readMoment(value: JsonValue | undefined, field: string): FileMoment {
  if (value === undefined || value === 'now') return { kind: 'now' };
  if (typeof value === 'object' && value !== null && 'snapshot' in value) {
    const { snapshot } = value;
    if (typeof snapshot !== 'string') throw malformed(`${field}.snapshot`, 'must be a name');
    return { kind: 'snapshot', name: snapshot };
  }
  const op = readSafeCounter(value, field);
  return op === undefined ? { kind: 'now' } : { kind: 'op', op };
}
