import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import type { FileOperation } from '@lockstep/state-machines';
import type { ByteString } from '@lockstep/vr-core';

/** One name of the tree, as lstat(2) tells it. */
export interface RealEntry {
  /** From the top of the tree, with a slash before each name: the bytes that the machine has. */
  readonly path: ByteString;
  readonly type: EntryType;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes; 0 for what is no file. */
  readonly size: number;
  /** What a symbolic link says; empty for the rest. */
  readonly target: ByteString;
}

export type EntryType = 'dir' | 'symlink' | Extract<FileOperation, { kind: 'mknod' }>['type'];

/**
 * Every name below `top`, at most `most`, parents before children, in the order in which the directories give them. Only
 * reads; what cannot be read is left out, and other file systems than that of `top` as well.
 */
export function walkTree(top: string, most: number): RealEntry[] {
  const root = Buffer.from(top === '/' ? '' : top).toString('latin1');
  const device = lstatSync(top).dev;
  const found: RealEntry[] = [];
  const directories = [''];
  for (let next = directories.pop(); next !== undefined; next = directories.pop()) {
    const inside: string[] = [];
    for (const name of namesIn(`${root}${next}`)) {
      if (found.length >= most) return found;
      const path = `${next}/${name}`;
      const stats = statsOf(`${root}${path}`);
      if (stats?.dev !== device) continue;
      found.push(entryOf(path, stats, `${root}${path}`));
      if (stats.isDirectory()) inside.push(path);
    }
    directories.push(...inside.reverse());
  }
  return found;
}

function entryOf(path: string, stats: Stats, realPath: string): RealEntry {
  const type = typeOf(stats);
  return {
    path: path as ByteString,
    type,
    mode: stats.mode & 0o7777,
    size: type === 'file' ? stats.size : 0,
    target: (type === 'symlink' ? readlinkSync(bytesOf(realPath), 'latin1') : '') as ByteString,
  };
}

function typeOf(stats: Stats): EntryType {
  if (stats.isDirectory()) return 'dir';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isSocket()) return 'socket';
  if (stats.isCharacterDevice()) return 'char';
  return stats.isBlockDevice() ? 'block' : 'file';
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(bytesOf(directory === '' ? '/' : directory), 'latin1');
  } catch {
    return [];
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(bytesOf(path));
  } catch {
    return undefined;
  }
}

/** A name is bytes, of which not all are text. */
const bytesOf = (path: string): Buffer => Buffer.from(path, 'latin1');
