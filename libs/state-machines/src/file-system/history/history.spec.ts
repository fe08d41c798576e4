import type { ByteString } from '@lockstep/vr-core';
import fc from 'fast-check';
import type { Attributes } from '../model/attributes';
import type { FileMoment } from '../wire/arguments';
import type { FileOperation } from '../wire/operations';
import type { FileResult } from '../wire/outcomes';
import { PastFiles } from '../twin/past-files';
import { at, bytesOf, PLAIN, PLAIN_DIRECTORY } from '../twin/solo-files';
import { oldestReadable } from './window';

/** Everything that can be read of a state: what each path leads to, and what each number does. */
interface Picture {
  readonly paths: ReadonlyMap<string, Attributes>;
  readonly lines: readonly string[];
}

const NOW: FileMoment = { kind: 'now' };
const asOf = (op: number): FileMoment => ({ kind: 'op', op });

function pictureOf(files: PastFiles, moment: FileMoment, inosMax: number): Picture | string {
  const paths = new Map<string, Attributes>();
  const lines: string[] = [];
  const told = (result: FileResult): string => JSON.stringify(result);
  const root = files.ask({ kind: 'stat', object: at('/') }, moment);
  if (root.kind === 'refused') return root.code;
  const draw = (path: string, attributes: Attributes): void => {
    paths.set(path, attributes);
    const object = at(path || '/', false);
    lines.push(`${path} ${told(files.ask({ kind: 'stat', object }, moment))}`);
    lines.push(told(files.ask({ kind: 'getxattr', object, name: bytesOf('user.a') }, moment)));
    if (attributes.type === 'symlink')
      lines.push(told(files.ask({ kind: 'readlink', object }, moment)));
    if (attributes.type !== 'dir') return;
    const page = { kind: 'readdir', object, after: undefined, limit: 100, plus: true } as const;
    const listing = files.ask(page, moment);
    if (listing.kind !== 'listing') throw new Error('a directory has a listing');
    for (const entry of listing.entries)
      draw(`${path}/${entry.name}`, entry.attributes as Attributes);
  };
  if (root.kind !== 'attributes') throw new Error('stat gives attributes');
  draw('', root.attributes);
  for (let ino = 1; ino <= inosMax; ino += 1)
    lines.push(`${ino} ${told(files.ask({ kind: 'stat', object: { kind: 'ino', ino } }, moment))}`);
  return { paths, lines };
}

/** Beyond any number that is given in one run. */
const INOS_MAX = 60;

const name = fc.constantFrom('a', 'b', 'c', 'd');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
const label = fc.constantFrom('s', 't', 'u');

const operation: fc.Arbitrary<FileOperation> = fc.oneof(
  path.map((to): FileOperation => ({
    kind: 'create',
    path: bytesOf(to),
    mode: 0o644,
    exclusive: true,
    ...PLAIN,
  })),
  path.map((to): FileOperation => ({
    kind: 'mkdir',
    path: bytesOf(to),
    mode: 0o755,
    ...PLAIN_DIRECTORY,
  })),
  path.map((to): FileOperation => ({
    kind: 'mkdir',
    path: bytesOf(to),
    mode: 0o755,
    ...PLAIN_DIRECTORY,
  })),
  fc.tuple(path, path).map(([target, to]): FileOperation => ({
    kind: 'symlink',
    path: bytesOf(to),
    target: bytesOf(target),
  })),
  fc.tuple(path, path).map(([from, to]): FileOperation => ({
    kind: 'link',
    from: bytesOf(from),
    to: bytesOf(to),
    follow: false,
  })),
  path.map((of): FileOperation => ({ kind: 'unlink', path: bytesOf(of) })),
  path.map((of): FileOperation => ({ kind: 'rmdir', path: bytesOf(of) })),
  path.map((of): FileOperation => ({
    kind: 'remove',
    path: bytesOf(of),
    recursive: true,
    trash: false,
  })),
  path.map((of): FileOperation => ({
    kind: 'remove',
    path: bytesOf(of),
    recursive: true,
    trash: true,
  })),
  fc.tuple(path, path, fc.boolean()).map(([from, to, exchange]): FileOperation => ({
    kind: 'rename',
    from: bytesOf(from),
    to: bytesOf(to),
    noreplace: false,
    exchange,
    whiteout: false,
  })),
  fc
    .tuple(path, fc.integer({ min: 0, max: 0o777 }))
    .map(([of, mode]): FileOperation => ({ kind: 'chmod', object: at(of), mode })),
  fc.tuple(path, fc.nat(9)).map(([of, size]): FileOperation => ({
    kind: 'truncate',
    object: at(of),
    size: BigInt(size),
  })),
  fc.tuple(path, fc.nat(9)).map(([of, byte]): FileOperation => ({
    kind: 'setxattr',
    object: at(of),
    name: bytesOf('user.a'),
    value: Uint8Array.of(byte),
    how: 'any',
  })),
);
const onSnapshots: fc.Arbitrary<FileOperation> = fc.oneof(
  label.map((of): FileOperation => ({ kind: 'snapshot', name: of })),
  label.map((of): FileOperation => ({ kind: 'removesnapshot', name: of })),
  fc.tuple(label, label).map(([from, to]): FileOperation => ({ kind: 'renamesnapshot', from, to })),
);
const request = fc.array(
  fc.oneof({ weight: 8, arbitrary: operation }, { weight: 1, arbitrary: onSnapshots }),
  { minLength: 1, maxLength: 3 },
);
const story = fc.array(fc.array(request, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 25,
});

function snapshotsOf(files: PastFiles): readonly { readonly name: string; readonly op: number }[] {
  const found = files.ask({ kind: 'listsnapshots', after: undefined, limit: 10 });
  if (found.kind !== 'snapshots') throw new Error('there is a list of snapshots');
  return found.snapshots;
}

/** Each readable moment shows what was seen then, and the others are refused. */
function checkPast(files: PastFiles, seen: readonly (Picture | string)[]): void {
  const oldest = oldestReadable(files.tables, files.volume) ?? files.op;
  const kept = snapshotsOf(files).map(({ op }) => op);
  for (let op = 0; op <= files.op; op += 1) {
    const expected = op >= oldest || kept.includes(op) ? seen[op] : 'ESTALE';
    expect([op, pictureOf(files, asOf(op), INOS_MAX)]).toEqual([op, expected]);
  }
  for (const { name: of, op } of snapshotsOf(files))
    expect(pictureOf(files, { kind: 'snapshot', name: of }, INOS_MAX)).toEqual(seen[op]);
  expect(pictureOf(files, asOf(files.op + 1), INOS_MAX)).toBe('ESTALE');
}

function tell(files: PastFiles, ops: readonly (readonly FileOperation[])[][]): Picture[] {
  const look = (): Picture => pictureOf(files, NOW, INOS_MAX) as Picture;
  const seen = [look()];
  for (const requests of ops) {
    files.execute(requests);
    seen.push(look());
  }
  return seen;
}

describe('the past of a volume', () => {
  it('is read as it was, op by op, from its first op on', () => {
    fc.assert(
      fc.property(story, (ops) => {
        const files = new PastFiles();
        const seen = tell(files, ops);
        expect(oldestReadable(files.tables, files.volume)).toBe(0);
        checkPast(files, seen);
      }),
      { numRuns: 60 },
    );
  });

  it('is read as far back as it is kept, and as snapshots keep it, while it is trimmed', () => {
    const limits = fc.record({
      historyOps: fc.constantFrom(0, 1, 3, 1_000),
      historyBytes: fc.constantFrom(200, 1_500, 1_000_000),
      historyMs: fc.constantFrom(5, 1_000),
    });
    fc.assert(
      fc.property(story, limits, (ops, settings) => {
        const files = new PastFiles(settings);
        const seen: Picture[] = [pictureOf(files, NOW, INOS_MAX) as Picture];
        ops.forEach((requests, turn) => {
          files.execute(requests);
          if (turn % 7 === 6) files.advance(3);
          while (seen.length <= files.op) seen.push(pictureOf(files, NOW, INOS_MAX) as Picture);
          if (turn % 5 === 4) checkPast(files, seen);
        });
        checkPast(files, seen);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves nothing behind once it is too old and no snapshot keeps it', () => {
    fc.assert(
      fc.property(story, (ops) => {
        const files = new PastFiles({ historyOps: 5, historyMs: 100 });
        ops.forEach((requests) => {
          files.execute(requests);
        });
        for (const { name: of } of snapshotsOf(files))
          files.execute([[{ kind: 'removesnapshot', name: of }]]);
        files.advance(100);
        files.advance(100);
        const { history, historyLog, snapshots, snapshotOps, purges } = files.tables;
        const left = [history, historyLog, snapshots, snapshotOps, purges].map(({ size }) => size);
        expect(left).toEqual([0, 0, 0, 0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  it('is compared between any two states, by inode', () => {
    const pages = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(story, fc.nat(25), fc.nat(25), pages, (ops, one, other, limit) => {
        const files = new PastFiles();
        const seen = tell(files, ops);
        const [from, to] = [Math.min(one, files.op), Math.min(other, files.op)];
        const found = differences(files, from, to, limit);
        expect(found.map(({ ino }) => ino)).toEqual(
          found.map(({ ino }) => ino).sort((a, b) => a - b),
        );
        const [before, after] = [byInode(seen[from] as Picture), byInode(seen[to] as Picture)];
        for (const difference of found) {
          const { ino } = difference;
          expect(difference).toEqual({ ino, before: before.get(ino), after: after.get(ino) });
        }
        const told = new Set(found.map(({ ino }) => ino));
        for (let ino = 1; ino <= INOS_MAX; ino += 1)
          if (!told.has(ino) && differs(before.get(ino), after.get(ino)))
            expect(isBelowWhatIsTold(before.get(ino) ?? after.get(ino), seen, from, to, told)).toBe(
              true,
            );
      }),
      { numRuns: 100 },
    );
  });
});

type Side = Extract<FileResult, { kind: 'diff' }>['differences'][number]['before'];

function differences(files: PastFiles, from: number, to: number, limit: number) {
  const found: Extract<FileResult, { kind: 'diff' }>['differences'][number][] = [];
  for (let after: number | undefined; ;) {
    const page = files.ask({ kind: 'diff', from: asOf(from), to: asOf(to), after, limit });
    if (page.kind !== 'diff') throw new Error(JSON.stringify(page));
    found.push(...page.differences);
    if (page.next === undefined) return found;
    after = page.next;
  }
}

function byInode({ paths }: Picture): ReadonlyMap<number, NonNullable<Side>> {
  const found = new Map<number, { paths: ByteString[]; attributes: Attributes }>();
  for (const [of, attributes] of paths) {
    const side = found.get(attributes.ino) ?? { paths: [], attributes };
    side.paths.push(bytesOf(of || '/'));
    found.set(attributes.ino, side);
  }
  return found;
}

const differs = (one: Side, other: Side): boolean =>
  JSON.stringify(one?.attributes) !== JSON.stringify(other?.attributes);

/** Went or came with a directory above it, and did not change itself. */
function isBelowWhatIsTold(
  side: Side,
  seen: readonly Picture[],
  from: number,
  to: number,
  told: ReadonlySet<number>,
): boolean {
  return (side?.paths ?? []).every((of) =>
    [seen[from], seen[to]].some((picture) =>
      [...(picture as Picture).paths].some(
        ([above, { ino }]) => of.startsWith(`${above}/`) && above !== '' && told.has(ino),
      ),
    ),
  );
}
