import { decode } from '@lockstep/vr-core';
import fc from 'fast-check';
import { ExtraTable, KIND } from '../model/extra-table';
import { FilesWithTables } from '../twin/files-with-tables';
import { at, bytesOf, type SoloProcess } from '../twin/solo-files';
import { close, open, processWithSession, truncate, write } from '../twin/solo-open';
import { walk, type Walked } from '../twin/walk';
import { quotaShape } from './quota';

const RUNS = 25;
const STEPS = 80;
const DAY_MS = 24 * 3_600_000;

const KINDS = [
  ['create', 4],
  ['mkdir', 5],
  ['symlink', 1],
  ['mknod', 1],
  ['link', 4],
  ['unlink', 1],
  ['rmdir', 1],
  ['rename', 5],
  ['exchange', 4],
  ['truncate', 5],
  ['setquota', 3],
  ['remove', 2],
  ['restore', 2],
  ['discard', 1],
  ['open', 4],
  ['write', 3],
  ['cut', 2],
  ['close', 2],
  ['wait', 1],
] as const;

/** What is done next: what to is known when it is known what is there. */
const step = fc.record({
  kind: fc.oneof(...KINDS.map(([kind, weight]) => ({ weight, arbitrary: fc.constant(kind) }))),
  one: fc.nat(100),
  other: fc.nat(100),
  name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  amount: fc.integer({ min: 0, max: 40 }),
  flag: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const nth = (list: readonly string[], at: number): string => list[at % list.length] ?? '/none';

/** A file system, who changes it, and who has something open in it. */
class World {
  readonly files = new FilesWithTables();
  readonly root = this.files.process();
  holder = processWithSession(this.files);
  handles: number[] = [];

  /** A session does not outlive half a day of silence, and what it has open goes with it. */
  wait(ms: number): void {
    this.files.solo.advance(ms);
    if (ms === 1) return;
    this.holder = processWithSession(this.files);
    this.handles = [];
  }

  open(path: string, flags: string): string {
    const opened = open(this.holder, path, flags);
    if (typeof opened === 'string') return opened;
    this.handles.push(opened);
    return 'ok';
  }
}

/** Answers `ok` or the errno. */
function take(world: World, there: Walked, next: Step): string {
  const { root, holder, handles } = world;
  const { kind, one, other, name, amount, flag } = next;
  const all = [...there.directories.slice(1), ...there.files];
  const fresh = `${nth(there.directories, one)}/${name}`;
  const path = bytesOf(fresh);
  switch (kind) {
    case 'create':
      return root.create(fresh);
    case 'mkdir':
      return root.mkdir(fresh);
    case 'symlink':
      return root.symlink(nth(all, other), fresh);
    case 'mknod':
      return root.mknod(fresh, 'fifo');
    case 'link':
      return root.link(nth(there.files, other), fresh, flag);
    case 'unlink':
      return root.unlink(nth(there.files, one));
    case 'rmdir':
      return root.rmdir(nth(there.directories, one));
    case 'rename':
      return root.rename(nth(all, other), flag ? fresh : nth(all, one));
    case 'exchange':
      return root.rename(nth(all, other), nth(all, one), 'exchange');
    case 'truncate':
      return root.truncate(nth(there.files, one), amount);
    case 'setquota': {
      const object = at(`${nth(there.directories, one)}/`);
      return root.call({ kind, object, inodes: other % 12, bytes: flag ? 0 : 2 * amount });
    }
    case 'remove':
      return root.call({ kind, path: bytesOf(nth(all, one)), recursive: true, trash: flag });
    case 'restore':
      return root.call({ kind, id: nth(trashIds(root), other), to: flag ? path : undefined });
    case 'discard':
      return root.call({ kind, id: nth(trashIds(root), other) });
    case 'open':
      return flag
        ? world.open(nth(there.files, one), 'RDWR')
        : world.open(`${nth(there.directories, one)}/`, 'RDONLY');
    case 'write':
      return write(root, nth(there.files, one), 'written', amount);
    case 'cut':
      return truncate(holder, handles[one % handles.length] ?? 99, amount);
    case 'close':
      return close(holder, handles.splice(one % (handles.length + 1), 1)[0] ?? 99);
    case 'wait':
      world.wait(flag ? 1 : DAY_MS / 2);
      return 'ok';
  }
}

function trashIds(root: SoloProcess): readonly string[] {
  const result = root.run({ kind: 'listtrash', after: undefined, limit: 100 });
  return result.kind === 'trash' ? result.entries.map(({ id }) => id) : [];
}

type Used = ReadonlyMap<number, readonly [names: number, bytes: number]>;

function usedOf({ inodes }: Walked): Used {
  const used = new Map<number, readonly [number, number]>();
  for (const [ino, inode] of inodes)
    if (inode.isDirectory) {
      const { files, directories, bytes } = inode.usage;
      used.set(ino, [files + directories, bytes]);
    }
  return used;
}

/** Directories that have come to hold more than they may: what was there before the limit may stay. */
function outgrown({ tables }: FilesWithTables, before: Used, there: Walked): readonly string[] {
  const extra = new ExtraTable(tables);
  return [...usedOf(there)].flatMap(([ino, used]) => {
    const row = extra.get(ino, KIND.quota);
    if (row === undefined) return [];
    const { inodes: namesMax, bytes: bytesMax } = decode(quotaShape, row);
    const was = before.get(ino) ?? [0, 0];
    const isOver = (at: 0 | 1, max: number): boolean =>
      max !== 0 && used[at] > max && used[at] > was[at];
    return isOver(0, namesMax) || isOver(1, bytesMax)
      ? [`${ino}: ${was.join()} became ${used.join()}`]
      : [];
  });
}

describe('usage', () => {
  // juicefs#7079, #4107, #6714, #6703, #6729, #5637; ceph#26104; cubefs#2271. (files.md, complaint 12)
  it('is what a walk finds after every operation, no quota is outgrown, and what is refused changes nothing', () => {
    const done = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { maxLength: STEPS, size: 'max' }), (steps) => {
        const world = new World();
        const { files, root } = world;
        for (const path of ['/a', '/b', '/a/a']) root.mkdir(path);
        root.create('/a/b');
        for (const path of ['/a/c', '/a/a/b', '/b/b']) root.link('/a/b', path);
        let [there, digest] = [walk(files), files.digest()];
        for (const next of steps) {
          const used = usedOf(there);
          const code = take(world, there, next);
          done.add(`${next.kind} ${code}`);
          there = walk(files);
          const outcome = [next, there.lies, outgrown(files, used, there)];
          expect(outcome).toEqual([next, [], []]);
          const now = files.digest();
          if (code !== 'ok') expect(now).toBe(digest);
          digest = now;
        }
        world.wait(2 * DAY_MS);
        const { purges, trash } = files.tables;
        expect([walk(files).lies, purges.size, trash.size]).toEqual([[], 0, 0]);
      }),
      { numRuns: RUNS },
    );
    // The runs have been everywhere.
    for (const kind of ['create', 'mkdir', 'link', 'rename', 'exchange', 'truncate', 'remove'])
      expect([...done]).toContain(`${kind} ok`);
    expect([...done].filter((outcome) => outcome.endsWith(' EDQUOT')).length).toBeGreaterThan(2);
  });
});
