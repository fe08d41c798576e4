import { byteStringOf, fromByteString } from '@lockstep/vr-core';
import type { Attributes } from '../model/attributes';
import type { Caller } from '../model/file-tree';
import type { FileObject } from '../wire/arguments';
import type { OpenFlag } from '../wire/operations';
import { at, bytesOf, type SoloFiles, type SoloProcess } from './solo-files';

/** A process whose requests are named by a session of its own. */
export function processWithSession(files: SoloFiles, caller: Partial<Caller> = {}): SoloProcess {
  const process = files.process(caller);
  process.options = { session: files.solo.openSession({ ttlMs: 10_000 }) };
  return process;
}

/** An object of a test: a path, or the number of a handle. */
export type Named = string | number;

export const objectOf = (named: Named): FileObject =>
  typeof named === 'string' ? at(named) : { kind: 'handle', handle: named };

/** Flags as in C, with a space for each bar. */
export const flagsOf = (flags: string): OpenFlag[] => flags.split(' ') as OpenFlag[];

/** The number of the handle, or the errno. */
export function open(process: SoloProcess, path: string, flags: string, mode = 0o644): Named {
  const result = process.run({ kind: 'open', path: bytesOf(path), flags: flagsOf(flags), mode });
  if (result.kind === 'refused') return result.code;
  if (result.kind !== 'opened') throw new Error('open gives a handle');
  return result.handle;
}

/** The handle of what can be opened. */
export function openFile(process: SoloProcess, path: string, flags: string, mode?: number): number {
  const handle = open(process, path, flags, mode);
  if (typeof handle === 'string') throw new Error(`${path}: ${handle}`);
  return handle;
}

export const close = (process: SoloProcess, handle: number): string =>
  process.call({ kind: 'close', object: objectOf(handle) });

/** Without an offset at the end. */
export const write = (process: SoloProcess, to: Named, text: string, offset?: number): string =>
  process.call({
    kind: 'write',
    object: objectOf(to),
    offset,
    data: fromByteString(bytesOf(text)),
  });

/** What is there, as text, or the errno. */
export function read(process: SoloProcess, from: Named, offset = 0, length = 1_000): string {
  const result = process.run({ kind: 'read', object: objectOf(from), offset, length });
  if (result.kind === 'refused') return result.code;
  if (result.kind !== 'data') throw new Error('read gives data');
  return byteStringOf(result.data, 0, result.data.length);
}

export const truncate = (process: SoloProcess, named: Named, size: number): string =>
  process.call({ kind: 'truncate', object: objectOf(named), size: BigInt(size) });

/** Attributes by a handle, or the errno. */
export function fstat(process: SoloProcess, handle: number): Attributes | string {
  const result = process.run({ kind: 'stat', object: objectOf(handle) });
  if (result.kind === 'refused') return result.code;
  if (result.kind !== 'attributes') throw new Error('stat gives attributes');
  return result.attributes;
}
