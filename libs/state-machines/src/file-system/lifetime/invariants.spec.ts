import { fromByteString, keyU64, type SessionId } from '@lockstep/vr-core';
import fc from 'fast-check';
import { ExtraTable, KIND } from '../model/extra-table';
import { Inode } from '../model/inode';
import { readLifespan } from '../model/lifespan';
import { FilesWithTables } from '../twin/files-with-tables';
import { at, bytesOf } from '../twin/solo-files';
import type { FileOperation, Life } from '../wire/operations';

type Step =
  | { readonly kind: 'op'; readonly op: FileOperation }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'another session' };

const name = fc.constantFrom('a', 'b', 'c');
const path = fc
  .oneof(fc.tuple(name), fc.tuple(name), fc.tuple(name, name))
  .map((parts) => bytesOf(`/${parts.join('/')}`));
const lifeOf = (...kinds: readonly Life[]): fc.Arbitrary<Life> => fc.constantFrom(...kinds);
const ttl: Life = { kind: 'ttl', ttlMs: 500 };
const permanent: Life = { kind: 'permanent' };

const create: fc.Arbitrary<FileOperation> = fc.record({
  ...{ kind: fc.constant('create' as const), path, mode: fc.constant(0o644) },
  ...{ exclusive: fc.boolean(), sequential: fc.constant(false) },
  life: lifeOf(permanent, ttl, { kind: 'ephemeral' }, { kind: 'ephemeral' }),
});

const op: fc.Arbitrary<FileOperation> = fc.oneof(
  ...[create, create, create],
  fc.record({
    ...{ kind: fc.constant('mkdir' as const), path, mode: fc.constant(0o755) },
    ...{ parents: fc.boolean(), sequential: fc.constant(false) },
    life: lifeOf(permanent, ttl, { kind: 'container' }),
  }),
  fc.record({
    ...{ kind: fc.constant('rename' as const), from: path, to: path },
    ...{ noreplace: fc.constant(false), exchange: fc.boolean(), whiteout: fc.constant(false) },
  }),
  fc.record({
    kind: fc.constant('link' as const),
    from: path,
    to: path,
    follow: fc.constant(false),
  }),
  fc.record({ kind: fc.constant('unlink' as const), path }),
  fc.record({
    ...{ kind: fc.constant('remove' as const), path },
    ...{ recursive: fc.constant(true), trash: fc.boolean() },
  }),
  path.map((name) => ({ kind: 'chmod' as const, object: at(name), mode: 0o600 })),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: op.map((one) => ({ kind: 'op' as const, op: one })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(100, 300, 700).map((ms) => ({ kind: 'wait' as const, ms })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'another session' as const }) },
);

/** Every inode there is. */
function inodesOf({ tables }: FilesWithTables): readonly Inode[] {
  const found: Inode[] = [];
  for (let ino = 1; found.length < tables.inodes.size; ino += 1) {
    const record = tables.inodes.get(ino);
    if (record !== undefined) found.push(new Inode(ino, record));
  }
  return found;
}

/** What goes by itself is noted once where it is looked for, with all its names; nothing else is. */
function check(files: FilesWithTables): void {
  const { tables } = files;
  const extra = new ExtraTable(tables);
  const inodes = inodesOf(files);
  const marked = inodes.filter((inode) => inode.has('ephemeral') || inode.has('ttl'));
  const spans = marked.map(({ ino }) => readLifespan(extra, ino));
  // What is being purged when its session ends is left to the purge.
  if (tables.purges.size === 0)
    expect(tables.ephemerals.size).toBe(spans.filter(({ kind }) => kind === 'ephemeral').length);
  expect(tables.expiries.size).toBe(spans.filter(({ kind }) => kind === 'ttl').length);
  for (const inode of inodes.filter(({ isDirectory }) => !isDirectory)) {
    const isWritten = inode.has('links') || marked.includes(inode);
    const names = Array.from(extra.list(inode.ino, KIND.link));
    expect(names).toHaveLength(isWritten ? inode.nlink : 0);
    for (const [at] of names)
      expect(tables.dentries.get(at)?.subarray(0, 8)).toEqual(fromByteString(keyU64(inode.ino)));
  }
  expect(files.solo.execution.internalErrors.size).toBe(0);
}

describe('whatever is done to what goes by itself', () => {
  it('is noted where it will be looked for, and goes', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 60, maxLength: 90 }), (steps) => {
        const files = new FilesWithTables({ historyOps: 0 });
        const process = files.process();
        let session: SessionId | undefined;
        const another = (): void => {
          if (session !== undefined) files.solo.closeSession(session);
          session = files.solo.openSession({ ttlMs: 1_000_000 });
          process.options = { session };
        };
        another();
        for (const one of steps) {
          if (one.kind === 'op') process.run(one.op);
          else if (one.kind === 'wait') files.solo.advance(one.ms);
          else another();
          check(files);
        }
        another();
        process.call({ kind: 'discard', id: undefined });
        files.solo.advance(2_000);
        check(files);
        expect(inodesOf(files).some((inode) => inode.has('ephemeral'))).toBe(false);
        expect(inodesOf(files).some((inode) => inode.has('ttl') && inode.size === 0)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});
