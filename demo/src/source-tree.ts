import type { BigIntStats, Dirent } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import type { InodeType } from '@lockstep/client';
import { join, type BytePath } from './byte-path';

/** One name of the directory tree that is imported. */
export interface SourceEntry {
  /** Below the root of the import: `/` itself, `/a`, `/a/b`. */
  readonly path: BytePath;
  readonly type: InodeType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a file; what a directory says of its size means nothing elsewhere. */
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly rdev: { readonly major: number; readonly minor: number };
  readonly target?: BytePath;
  /** An earlier entry that is the same inode. */
  readonly sameAs?: BytePath;
}

/** Every entry below a directory, parents first. Other file systems mounted below are entered as well. */
export async function readSourceTree(
  root: string,
  onProgress: (entries: number) => void,
): Promise<SourceEntry[]> {
  const base = Buffer.from(root);
  const firstNames = new Map<string, BytePath>();
  const entries: SourceEntry[] = [await readEntry(base, '/', firstNames)];
  for (const parent of entries) {
    if (parent.type !== 'dir') continue;
    const on = onDisk(base, parent.path);
    const names = await readdir(on, { withFileTypes: true, encoding: 'buffer' });
    for (const name of sorted(names)) {
      entries.push(await readEntry(base, join(parent.path, name), firstNames));
    }
    onProgress(entries.length);
  }
  return entries;
}

const sorted = (entries: readonly Dirent<Buffer>[]): BytePath[] =>
  entries.map(({ name }) => name.toString('latin1')).sort((a, b) => (a < b ? -1 : 1));

async function readEntry(
  base: Buffer,
  path: BytePath,
  firstNames: Map<string, BytePath>,
): Promise<SourceEntry> {
  const on = onDisk(base, path);
  const stats = await lstat(on, { bigint: true });
  const type = typeOf(stats);
  const rdev = Number(stats.rdev);
  const entry = {
    path,
    type,
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: type === 'file' ? Number(stats.size) : 0,
    mtimeNs: stats.mtimeNs,
    rdev: { major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) },
  };
  if (type === 'symlink') {
    return { ...entry, target: (await readlink(on, 'buffer')).toString('latin1') };
  }
  if (type === 'dir' || stats.nlink === 1n) return entry;
  const inode = `${stats.dev}:${stats.ino}`;
  const sameAs = firstNames.get(inode);
  if (sameAs !== undefined) return { ...entry, sameAs };
  firstNames.set(inode, path);
  return entry;
}

const onDisk = (base: Buffer, path: BytePath): Buffer =>
  path === '/' ? base : Buffer.concat([base, Buffer.from(path, 'latin1')]);

function typeOf(stats: BigIntStats): InodeType {
  if (stats.isDirectory()) return 'dir';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isSocket()) return 'socket';
  if (stats.isCharacterDevice()) return 'char';
  return stats.isBlockDevice() ? 'block' : 'file';
}
