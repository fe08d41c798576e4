import type { Operation, PathLike } from '@lockstep/client';

/**
 * A path as its bytes, one character each: names on disk need be no text, and strings are what maps and sets can hold.
 */
export type BytePath = string;

export const fromText = (text: string): BytePath => Buffer.from(text, 'utf8').toString('latin1');

/** For people. */
export const show = (path: BytePath): string => Buffer.from(path, 'latin1').toString('utf8');

/** For requests: ASCII as it is, everything else as bytes. */
export const toWire = (path: BytePath): PathLike =>
  /^[\x20-\x7e]*$/.test(path) ? path : Buffer.from(path, 'latin1');

export const fromWire = (name: PathLike): BytePath =>
  typeof name === 'string' ? fromText(name) : Buffer.from(name).toString('latin1');

/** The path that an operation names in this field, as text or in base64. */
export function pathOf(op: Operation, field: 'path' | 'from' | 'to' | 'target'): BytePath {
  const text = op[field];
  if (typeof text === 'string') return fromText(text);
  const base64 = op[`${field}Base64`];
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64').toString('latin1');
  throw new Error(`${op.kind} has no ${field}`);
}

export const join = (directory: BytePath, name: BytePath): BytePath =>
  directory === '/' ? `/${name}` : `${directory}/${name}`;
