import { fileOperation, type Operation, type Session } from '@lockstep/client';
import { toWire, type BytePath } from './byte-path';
import type { SourceEntry } from './source-tree';
import { directory, leaf, type ExpectedTree, type Node } from './tree';

/** Where the import lands in the volume. */
export const IMPORT_ROOT = '/tree';
const BATCH = 500;
const BATCHES_AT_ONCE = 4;

export const importedPath = (path: BytePath): BytePath =>
  path === '/' ? IMPORT_ROOT : `${IMPORT_ROOT}${path}`;

/**
 * Puts the metadata of every entry into the group: first the directories, level by level, then everything in them,
 * then the further names of inodes that have several, at last the times of the directories, which all this has changed.
 */
export async function importTree(
  session: Session,
  entries: readonly SourceEntry[],
  onProgress: (operations: number, of: number) => void,
): Promise<number> {
  const steps = [
    ...directoriesByDepth(entries).map((level) => level.map(makeOperations)),
    entries.filter(({ type, sameAs }) => type !== 'dir' && !sameAs).map(makeOperations),
    entries.filter(({ sameAs }) => sameAs !== undefined).map(linkOperation),
    entries.filter(({ type }) => type === 'dir').map(finishDirectory),
  ];
  const total = steps.flat(2).length;
  let done = 0;
  for (const step of steps) {
    await inBatches(session, step, (count) => onProgress((done += count), total));
  }
  return total;
}

/** What the group must hold after the import. */
export function expectImport(tree: ExpectedTree, entries: readonly SourceEntry[]): void {
  for (const entry of entries) {
    const same = entry.sameAs === undefined ? undefined : tree.at(importedPath(entry.sameAs));
    tree.put(importedPath(entry.path), same ?? nodeOf(entry));
  }
}

function nodeOf(entry: SourceEntry): Node {
  const { type, mode, uid, gid, mtimeNs, target } = entry;
  if (type === 'dir') return directory(mode, uid, gid, mtimeNs);
  const size = target === undefined ? entry.size : target.length;
  return leaf(type, { mode, uid, gid, size, mtimeNs, ...(target !== undefined && { target }) });
}

function directoriesByDepth(entries: readonly SourceEntry[]): SourceEntry[][] {
  const levels: SourceEntry[][] = [];
  for (const entry of entries) {
    if (entry.type !== 'dir') continue;
    const depth = entry.path === '/' ? 0 : entry.path.split('/').length - 1;
    (levels[depth] ??= []).push(entry);
  }
  return levels;
}

function makeOperations(entry: SourceEntry): Operation[] {
  const path = toWire(importedPath(entry.path));
  const { type, mode, size, mtimeNs, rdev, target } = entry;
  // The special bits come last: a directory that has them would pass them on to what is made in it.
  const plain = { mode: mode & 0o777 };
  if (type === 'dir') return [fileOperation.mkdir(path, plain)];
  const times = fileOperation.utimens(path, 'omit', mtimeNs, { follow: false });
  if (type === 'symlink') {
    return [fileOperation.symlink(toWire(target ?? ''), path), ...owner(entry), times];
  }
  const make =
    type === 'file'
      ? fileOperation.create(path, { ...plain, exclusive: true })
      : fileOperation.mknod(path, type, { ...plain, rdev });
  const sized = type === 'file' && size > 0 ? [fileOperation.truncate(path, size)] : [];
  return [make, ...sized, ...owner(entry), ...specialBits(entry), times];
}

const linkOperation = ({ sameAs = '', path }: SourceEntry): Operation[] => [
  fileOperation.link(toWire(importedPath(sameAs)), toWire(importedPath(path))),
];

const finishDirectory = (entry: SourceEntry): Operation[] => [
  ...owner(entry),
  ...specialBits(entry),
  fileOperation.utimens(toWire(importedPath(entry.path)), 'omit', entry.mtimeNs),
];

const owner = ({ path, uid, gid }: SourceEntry): Operation[] =>
  uid === 0 && gid === 0
    ? []
    : [fileOperation.chown(toWire(importedPath(path)), uid, gid, { follow: false })];

/** After `chown`, which clears them. */
const specialBits = ({ path, mode }: SourceEntry): Operation[] =>
  (mode & 0o7000) === 0 ? [] : [fileOperation.chmod(toWire(importedPath(path)), mode)];

/** What belongs to one entry stays together: batches overtake each other. */
async function inBatches(
  session: Session,
  entries: readonly Operation[][],
  onDone: (count: number) => void,
): Promise<void> {
  const files = session.files.as({ uid: 0, gids: [0], umask: 0 });
  let next = 0;
  const sendNext = async (): Promise<void> => {
    while (next < entries.length) {
      const batch: Operation[] = [];
      while (next < entries.length && batch.length < BATCH) batch.push(...entries[next++]!);
      const results = await files.batch(batch, { timeoutMs: 60_000 });
      const failed = results.find((result) => !result.ok);
      if (failed !== undefined) throw failed.error;
      onDone(batch.length);
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, sendNext));
}
