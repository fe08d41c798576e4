import type { FileOperation } from '@lockstep/state-machines';
import type { ByteString } from '@lockstep/vr-core';
import type { RealEntry } from './real-tree';
import { PLAIN, PLAIN_DIRECTORY, type Volume } from './volume';

const NO_DEVICE = { major: 0, minor: 0 };

export interface Imported {
  /** Inodes made, numbered directories included. */
  readonly entries: number;
  /** How often the whole tree was imported, a last one that was not finished included. */
  readonly copies: number;
  readonly ms: number;
}

/** Imports the tree under /1, and again under /2, /3 and so on until there are as many entries as asked for. */
export function importTree(volume: Volume, tree: readonly RealEntry[], wanted: number): Imported {
  const startMs = performance.now();
  let entries = 0;
  let copies = 0;
  while (entries < wanted) {
    const top = `/${++copies}`;
    volume.run({ kind: 'mkdir', path: top as ByteString, mode: 0o755, ...PLAIN_DIRECTORY });
    entries += 1;
    for (const entry of tree.slice(0, wanted - entries)) {
      importEntry(volume, top, entry);
      entries += 1;
    }
  }
  return { entries, copies, ms: performance.now() - startMs };
}

function importEntry(volume: Volume, top: string, entry: RealEntry): void {
  const path = (top + entry.path) as ByteString;
  volume.run(creationOf(path, entry));
  if (entry.size === 0) return;
  const object = { kind: 'path', path, follow: false } as const;
  volume.run({ kind: 'truncate', object, size: BigInt(entry.size) });
}

function creationOf(path: ByteString, { type, mode, target }: RealEntry): FileOperation {
  if (type === 'dir') return { kind: 'mkdir', path, mode, ...PLAIN_DIRECTORY };
  if (type === 'symlink') return { kind: 'symlink', path, target };
  if (type === 'file') return { kind: 'create', path, mode, exclusive: true, ...PLAIN };
  return { kind: 'mknod', path, type, mode, rdev: NO_DEVICE };
}
