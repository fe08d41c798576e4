import type { ApplyContext } from '@lockstep/vr-core';
import { LISTING_MAX } from '../model/limits';
import { FILES_SERVICE } from '../plugin';
import { at, bytesOf, PLAIN, PLAIN_DIRECTORY, SoloFiles } from '../twin/solo-files';
import { decodeFileChange, encodeFileChange, type FileChangeEvent } from '../watch/change';
import type { FileOperation } from '../wire/operations';
import type { FileAnswer } from '../wire/outcomes';
import { rehearsal } from './dry-run';
import type { FileRequest, Guard } from '../wire/requests';

const envelope = {
  volume: 'main',
  caller: { uid: 0, gids: [0], umask: 0, cwd: 1 },
  guards: [],
  dryRun: false,
  session: undefined,
} as const;
const mkdir = (path: string): FileOperation => ({
  ...{ kind: 'mkdir', path: bytesOf(path), mode: 0o755 },
  ...PLAIN_DIRECTORY,
});
const create = (path: string): FileOperation => ({
  ...{ kind: 'create', path: bytesOf(path), mode: 0o644, exclusive: true },
  ...PLAIN,
});
const chmod = (path: string): FileOperation => ({ kind: 'chmod', object: at(path), mode: 0o700 });
const rename = (from: string, to: string): FileOperation => ({
  ...{ kind: 'rename', from: bytesOf(from), to: bytesOf(to) },
  ...{ noreplace: false, exchange: false, whiteout: false },
});
const no: Guard = { kind: 'exists', object: at('/no') };
const one = (op: FileOperation): FileRequest => ({ kind: 'one', ...envelope, op });
const batch = (atomic: boolean, ...ops: FileOperation[]): FileRequest => ({
  ...{ kind: 'batch', ...envelope, ops, atomic },
});

const REQUESTS: readonly (readonly [string, FileRequest])[] = [
  ['one that is done', one(rename('/d', '/e'))],
  ['one that is refused', one(mkdir('/d'))],
  ['one that a guard turns down', { ...one(mkdir('/new')), guards: [no] }],
  ['a query', one({ kind: 'stat', object: at('/d') })],
  ['a batch', batch(false, mkdir('/a'), create('/a/f'), chmod('/a'), rename('/a/f', '/d/f'))],
  ['a batch that ends early', batch(false, mkdir('/a'), rename('/a', '/a/b'), mkdir('/b'))],
  ['an atomic batch that is refused', batch(true, mkdir('/a'), mkdir('/a'))],
  ['then', { kind: 'txn', ...envelope, then: [create('/f')], else: [] }],
  ['else', { kind: 'txn', ...envelope, guards: [no], then: [], else: [create('/f'), chmod('/f')] }],
  [
    'a txn that is refused',
    { kind: 'txn', ...envelope, then: [mkdir('/a'), mkdir('/a')], else: [] },
  ],
];

const CHANGE: FileChangeEvent = {
  ...{ volume: 'main', change: 'created', ino: 2, type: 'file', path: bytesOf('/f') },
  ...{ named: true, from: undefined, contentGen: 0, metaGen: 0 },
};

/** Of the real context nothing but its savepoints is asked. */
const CONTEXT = {
  savepoint: () => ({ rollback: () => undefined, release: () => undefined }),
} as unknown as ApplyContext;

function someFiles(): SoloFiles {
  const files = new SoloFiles();
  const process = files.process();
  process.mkdir('/d');
  process.create('/d/f');
  return files;
}

const eventsOf = ({ solo }: SoloFiles): unknown[] =>
  solo.events
    .filter(({ service }) => service === FILES_SERVICE)
    .map(({ bytes }) => decodeFileChange(bytes));

const resultsOf = (answer: FileAnswer): unknown =>
  answer.kind === 'one' ? [answer.result] : answer.results;

/** Everything but the times, which are those of the op. */
const timeless = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (name, of: unknown) => (/time$|Op$/.test(name) ? 0 : of)));

describe('a dry run (files.md N12)', () => {
  it.each(REQUESTS)('of %s changes nothing, and tells what the real run does', (_name, request) => {
    const files = someFiles();
    const [before, eventsBefore] = [files.digest(), files.solo.events.length];
    const dry = files.submit({ ...request, dryRun: true });
    expect(dry.refused).toBe(true);
    expect([files.digest(), files.solo.events.length]).toEqual([before, eventsBefore]);
    if (dry.answer.kind !== 'dry') throw new Error('a dry run is answered as one');
    const real = files.submit(request);
    expect(dry.answer.kindOf).toBe(request.kind);
    expect(timeless(dry.answer.results)).toEqual(timeless(resultsOf(real.answer)));
    expect(dry.answer.changes).toEqual(eventsOf(files).slice(eventsBefore));
    if (real.answer.kind === 'txn') expect(dry.answer.succeeded).toBe(real.answer.succeeded);
  });

  it.each([
    [true, one(mkdir('/a'))],
    [false, one(mkdir('/d'))],
    [false, { ...one(mkdir('/a')), guards: [no] }],
    [true, batch(true, mkdir('/a'))],
    [false, batch(false, mkdir('/a'), mkdir('/a'))],
  ])('says whether all would have been done: %s', (succeeded, request) => {
    const { answer } = someFiles().submit({ ...request, dryRun: true });
    expect(answer).toMatchObject({ kind: 'dry', succeeded });
  });

  it('tells no more changes than a listing has entries, and none that was rolled back', () => {
    const event = encodeFileChange(CHANGE);
    const { context, changes } = rehearsal(CONTEXT);
    const savepoint = context.savepoint();
    context.events.publish(event);
    savepoint.rollback();
    expect(changes()).toEqual([]);
    for (let n = 0; n <= LISTING_MAX; n += 1) context.events.publish(event);
    expect(changes()).toEqual(Array(LISTING_MAX).fill(CHANGE));
  });
});
