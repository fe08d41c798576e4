import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  compareViewstamps,
  incarnation,
  viewNumber,
  type Incarnation,
  type Promised,
  type StoredLog,
} from '@lockstep/vr-core';
import { FlushedMark } from './flushed-mark';
import { isThere, syncFolder } from './folder';
import { createEmpty, createFresh, type OpenedDatabase } from './opened-database';
import { withOwnLife } from './own-life';
import type { PromiseFiles } from './promise-files';
import type { LogTail, PromiseRecord } from './promise-record';
import { readDatabase, setAside, type FoundDatabase } from './replica-database';
import { RefusedToStart, type RestorePages } from './replica-storage';
import { DATABASE, INIT_TOKEN, SUPERSEDED, type StorageOptions } from './storage-options';
import { readPages } from './stored-pages';

/** A folder ready for use: this life is counted and durable. */
export interface OpenedFolder {
  readonly record: PromiseRecord;
  readonly log: StoredLog;
  readonly database: OpenedDatabase;
}

/**
 * Decides what this life starts with. No promise and no permission to start without one: an amnesiac, refused
 * (decision 3). A promise and a whole log: restart from disk. A promise alone: the log is lost, and recovery brings it
 * back (VRR §4.3). No promise, but the operator's word: the fenced return (E1 b).
 */
export async function openFolder(
  options: StorageOptions,
  promises: PromiseFiles,
  restore: RestorePages,
): Promise<OpenedFolder> {
  if (await isThere(join(options.folder, SUPERSEDED)))
    throw new RefusedToStart(
      `${options.folder} is of a generation that was given up: ${SUPERSEDED} in it says which group has taken its place.`,
    );
  const before = await readPromise(options, promises);
  if (before === undefined && options.recover) return openForgotten(options, promises);
  if (await isThere(join(options.folder, INIT_TOKEN))) return openFresh(options, promises, before);
  if (before === undefined)
    throw new RefusedToStart(
      `${options.folder} holds neither a promise nor an init token: a replica that forgot what it ` +
        'promised may not come back as if it had never been. Restore promise.a or promise.b, start it with ' +
        '--recover, or in a new group.',
    );
  return openAgain(options, promises, before, restore);
}

async function readPromise(
  options: StorageOptions,
  promises: PromiseFiles,
): Promise<PromiseRecord | undefined> {
  const { newest, damaged } = await promises.read();
  if (newest === undefined && damaged > 0 && !options.recover)
    throw new RefusedToStart(
      `Every copy of the promise in ${options.folder} is damaged: a replica that forgot what it ` +
        'promised may not come back as if it had never been. Restore promise.a or promise.b, or start it with ' +
        '--recover.',
    );
  if (newest !== undefined && damaged > 0)
    options.onReport?.({
      level: 'warn',
      text: 'one copy of the promise is damaged; the other is used',
    });
  if (newest !== undefined) expectOwn(newest, options);
  return newest;
}

function expectOwn(record: PromiseRecord, options: StorageOptions): void {
  for (const key of ['groupId', 'nodeId', 'generation'] as const)
    if (record[key] !== options[key])
      throw new RefusedToStart(
        `The promise in ${options.folder} belongs to another replica: its ${key} is ` +
          `${record[key]}, this replica's is ${options[key]}.`,
      );
}

/**
 * The operator's word stands for the promise that is gone. The new incarnation is later than any earlier one, which counted
 * up from 1 or from such a moment; it is durable before anybody hears of it. What else is in the folder is nobody's any
 * more. (E1 b; decision 3)
 */
async function openForgotten(
  options: StorageOptions,
  promises: PromiseFiles,
): Promise<OpenedFolder> {
  const { folder } = options;
  const mark = await FlushedMark.read(folder);
  const life = incarnation(Math.max(Date.now(), (mark?.born ?? 0) + 1));
  // First of all: a promise beside an init token would be a fresh start next time.
  await rm(join(folder, INIT_TOKEN), { force: true });
  await syncFolder(folder);
  if (await isThere(join(folder, DATABASE)))
    await setAside(folder, `unpromised-${life}`, undefined);
  options.onReport?.({
    level: 'warn',
    text: `no promise here, and told to recover: comes back as incarnation ${life}`,
  });
  const { database, tail } = await createEmpty(options, life);
  const promised = withOwnLife(neverPromised(options), options.self, life);
  const now = { incarnation: life, promised, promiseLost: true, tail };
  const record = recordOf(options, undefined, now);
  await promises.write(record);
  return { record, log: { kind: 'lost' }, database };
}

/** The first start of a new group. A crash before the token is gone leaves a folder that starts the same way again. */
async function openFresh(
  options: StorageOptions,
  promises: PromiseFiles,
  before: PromiseRecord | undefined,
): Promise<OpenedFolder> {
  const mark = await FlushedMark.read(options.folder);
  if (mark !== undefined)
    throw new RefusedToStart(
      `${options.folder} has an init token and a log: remove the token to serve the log.`,
    );
  const born = nextIncarnation(before);
  const { database, tail } = await createFresh(options, born);
  const promised = withOwnLife(neverPromised(options), options.self, born);
  const now = { incarnation: born, promised, promiseLost: false, tail };
  const record = recordOf(options, before, now);
  await promises.write(record);
  await rm(join(options.folder, INIT_TOKEN));
  await syncFolder(options.folder);
  return { record, log: { kind: 'fresh' }, database };
}

async function openAgain(
  options: StorageOptions,
  promises: PromiseFiles,
  before: PromiseRecord,
  restore: RestorePages,
): Promise<OpenedFolder> {
  const life = nextIncarnation(before);
  const found = await usableDatabase(options, before, life);
  const { database, tail, log } =
    found === undefined
      ? { ...(await createEmpty(options, life)), log: { kind: 'lost' as const } }
      : await takeFound(options, found, restore);
  const promised = withOwnLife(before.promised, options.self, life);
  const promiseLost = before.promiseLost && log.kind === 'lost';
  const record = recordOf(options, before, { incarnation: life, promised, promiseLost, tail });
  await promises.write(record);
  return { record, log, database };
}

type IntactDatabase = Extract<FoundDatabase, { readonly kind: 'intact' }>;

/** The database as found, unless what was found may not be used. */
async function usableDatabase(
  options: StorageOptions,
  before: PromiseRecord,
  life: Incarnation,
): Promise<IntactDatabase | undefined> {
  const found = await readDatabase(options, before.tail);
  if (found.kind === 'empty') {
    await found.file?.close();
    report(options, 'warn', 'no log here: recovery brings it back from the group');
    return undefined;
  }
  if (found.kind === 'damaged') {
    const aside = await setAside(options.folder, `damaged-${life}`, found.file);
    report(
      options,
      'error',
      `the log is damaged: ${found.reason}. It is kept as ${aside}; recovery brings it back from the group`,
    );
    return undefined;
  }
  if (before.logAwaited || before.clean) return expectPromised(options, before, found);
  const aside = await setAside(options.folder, 'unclean', found.file);
  report(
    options,
    'warn',
    `mode replicated and no clean stop: the log may lack its end. It is kept as ${aside}; recovery brings it back from the group`,
  );
  return undefined;
}

async function expectPromised(
  options: StorageOptions,
  before: PromiseRecord,
  found: IntactDatabase,
): Promise<IntactDatabase> {
  if (compareViewstamps(found.log.lastNormalView, before.promised) <= 0) return found;
  await found.file.close();
  throw new RefusedToStart(
    `The promise in ${options.folder} is older than the log beside it: an older copy was put ` +
      'back. A replica that forgot what it promised may not come back.',
  );
}

async function takeFound(
  options: StorageOptions,
  { file, log: found }: IntactDatabase,
  restore: RestorePages,
): Promise<{ database: OpenedDatabase; tail: LogTail; log: StoredLog }> {
  const { rows, tail, checkpointOp, entries, beyond } = found;
  const { directory, checkpoint, record, stateWhole, problem } = await readPages(
    file,
    checkpointOp,
    restore,
  );
  if (found.damagedRows > 0)
    report(
      options,
      'warn',
      `${found.damagedRows} writes of the log are damaged; ${beyond.length === 0 ? 'no entry is missing' : `entries before op ${beyond[0]?.opNumber} are missing, and had again from the group`}`,
    );
  if (problem !== undefined)
    report(options, 'warn', `the state is not whole: ${problem}. The group brings it back`);
  const { lastNormalView, commitNumber, base, witnessBase, headOp } = found;
  const lastFlush = { lastNormalView, commitNumber, base, witnessBase, headOp };
  return {
    tail,
    database: { file, rows, pages: directory, checkpointOp, record, lastFlush },
    log: {
      kind: 'intact',
      lastNormalView,
      commitNumber,
      base,
      witnessBase,
      entries,
      beyond,
      checkpoint,
      stateWhole,
    },
  };
}

function neverPromised({ epoch }: StorageOptions): Promised {
  const { epochNumber } = epoch.configuration;
  return { epochNumber, viewNumber: viewNumber(0), incarnations: [], epoch };
}

function nextIncarnation(before: PromiseRecord | undefined): Incarnation {
  return incarnation((before?.incarnation ?? 0) + 1);
}

function report(options: StorageOptions, level: 'warn' | 'error', text: string): void {
  options.onReport?.({ level, text });
}

function recordOf(
  options: StorageOptions,
  before: PromiseRecord | undefined,
  now: Pick<PromiseRecord, 'incarnation' | 'promised' | 'promiseLost' | 'tail'>,
): PromiseRecord {
  return {
    sequence: (before?.sequence ?? 0) + 1,
    groupId: options.groupId,
    nodeId: options.nodeId,
    generation: options.generation,
    logAwaited: options.mode === 'durable',
    clean: false,
    ...now,
  };
}
