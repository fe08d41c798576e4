import { Malformed } from '@lockstep/vr-core';
import type { JsonObject } from './json';
import { malformed } from './problem';

/** Refuses what is no object, and every field that is not in the list, naming it. */
export function checkFields(
  value: unknown,
  known: ReadonlySet<string>,
  field = '',
): asserts value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(field, 'must be an object');
  for (const name of Object.keys(value))
    if (!known.has(name))
      throw malformed(field === '' ? name : `${field}.${name}`, 'is not a known field');
}

/**
 * The bytes of a value that is typed only by hope: `encode` checks it, and a fault becomes a problem naming the field.
 * `rename` gives the field its name in the API where the service calls it otherwise.
 */
export function encodeChecked<T>(
  encode: (value: T) => Uint8Array,
  value: object,
  rename: (field: string) => string = (field) => field,
): Uint8Array {
  try {
    return encode(value as T);
  } catch (fault) {
    throw fault instanceof Malformed ? malformed(rename(fault.field), fault.problem) : fault;
  }
}

const DECIMAL = /^(0|[1-9]\d{0,19})$/;
const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** A counter that may pass 2^53: a decimal string; a number is taken where it is exact. Undefined stays undefined. */
export function readCounter(value: unknown, field: string): bigint | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === 'string' && DECIMAL.test(value)) {
    const counter = BigInt(value);
    if (counter <= U64_MAX) return counter;
  }
  throw malformed(field, 'must be a decimal string from 0 to 2^64 - 1');
}

/** A counter below 2^53 that travels as a decimal string, such as an inode number. */
export function readSafeCounter(value: unknown, field: string): number | undefined {
  const counter = readCounter(value, field);
  if (counter === undefined) return undefined;
  if (counter > Number.MAX_SAFE_INTEGER) throw malformed(field, 'must be at most 2^53 - 1');
  return Number(counter);
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function readBase64(value: unknown, field: string): Uint8Array {
  if (typeof value !== 'string' || !BASE64.test(value)) throw malformed(field, 'must be base64');
  return Buffer.from(value, 'base64');
}
