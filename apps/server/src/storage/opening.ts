import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  compareViewstamps,
  epochNumber,
  incarnation,
  opNumber,
  viewNumber,
  type Incarnation,
  type Promised,
  type StoredLog,
} from '@lockstep/vr-core';
import {
  chainStart,
  checksumOf,
  encodeSegments,
  FLUSH_FORMAT_VERSION,
  type Flush,
} from './flush-row';
import type { FlushTable } from './flush-table';
import { FlushedMark } from './flushed-mark';
import { isThere, syncFolder } from './folder';
import type { PromiseFiles } from './promise-files';
import type { LogTail, PromiseRecord } from './promise-record';
import { RefusedToStart } from './replica-storage';
import { DATABASE, INIT_TOKEN, type StorageOptions } from './storage-options';
import { createTable, readLog, setAside, type FoundLog } from './replica-database';

/** A folder ready for use: this life is counted and durable. */
export interface OpenedFolder {
  readonly table: FlushTable;
  readonly record: PromiseRecord;
  readonly log: StoredLog;
  readonly lastFlush: Pick<Flush, 'lastNormalView' | 'commitNumber'> | undefined;
}

/**
 * Decides what this life starts with. No promise and no permission to start without one: an amnesiac, refused
 * (decision 3). A promise and a whole log: restart from disk. A promise alone: the log is lost, and recovery brings it
 * back (VRR §4.3).
 */
export async function openFolder(
  options: StorageOptions,
  promises: PromiseFiles,
): Promise<OpenedFolder> {
  const before = await readPromise(options, promises);
  if (await isThere(join(options.folder, INIT_TOKEN))) return openFresh(options, promises, before);
  if (before === undefined)
    throw new RefusedToStart(
      `${options.folder} holds neither a promise nor an init token: a replica that forgot what it ` +
        'promised may not come back as if it had never been. Restore promise.a or promise.b, or ' +
        'start it in a new group.',
    );
  return openAgain(options, promises, before);
}

async function readPromise(
  options: StorageOptions,
  promises: PromiseFiles,
): Promise<PromiseRecord | undefined> {
  const { newest, damaged } = await promises.read();
  if (newest === undefined && damaged > 0)
    throw new RefusedToStart(
      `Every copy of the promise in ${options.folder} is damaged: a replica that forgot what it ` +
        'promised may not come back. Restore promise.a or promise.b.',
    );
  if (damaged > 0)
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
  for (const suffix of ['', '-wal', '-shm'])
    await rm(join(options.folder, DATABASE + suffix), { force: true });
  const table = await createTable(options.folder);
  const firstFlush: Flush = {
    segments: [],
    lastNormalView: { epochNumber: epochNumber(0), viewNumber: viewNumber(0) },
    commitNumber: opNumber(0),
  };
  const tail = await insertFirst(table, firstFlush, options, born);
  const promised = withOwnLife(NEVER_PROMISED, options, born);
  const record = recordOf(options, before, { incarnation: born, promised, tail });
  await promises.write(record);
  await rm(join(options.folder, INIT_TOKEN));
  await syncFolder(options.folder);
  return { table, record, log: { kind: 'fresh' }, lastFlush: firstFlush };
}

async function openAgain(
  options: StorageOptions,
  promises: PromiseFiles,
  before: PromiseRecord,
): Promise<OpenedFolder> {
  const life = nextIncarnation(before);
  const found = await usableLog(options, before, life);
  if (found.kind === 'intact' && compareViewstamps(found.log.lastNormalView, before.promised) > 0) {
    await found.table.close();
    throw new RefusedToStart(
      `The promise in ${options.folder} is older than the log beside it: an older copy was put ` +
        'back. A replica that forgot what it promised may not come back.',
    );
  }
  const promised = withOwnLife(before.promised, options, life);
  const { table, tail, log } =
    found.kind === 'intact' ? found : await startEmpty(options, found.table, life);
  const record = recordOf(options, before, { incarnation: life, promised, tail });
  await promises.write(record);
  return { table, record, log, lastFlush: log.kind === 'intact' ? log : undefined };
}

/** The log as found, unless what was found may not be used. */
async function usableLog(
  options: StorageOptions,
  before: PromiseRecord,
  life: Incarnation,
): Promise<FoundLog> {
  const found = await readLog(options, before.tail);
  if (found.kind === 'damaged') {
    const aside = await setAside(options.folder, `damaged-${life}`, found.table);
    options.onReport?.({
      level: 'error',
      text: `the log is damaged: ${found.reason}. It is kept as ${aside}; recovery brings it back from the group`,
    });
    return { kind: 'empty', table: undefined };
  }
  if (found.kind === 'empty') {
    options.onReport?.({
      level: 'warn',
      text: 'no log here: recovery brings it back from the group',
    });
    return found;
  }
  if (before.logAwaited || before.clean) return found;
  const aside = await setAside(options.folder, 'unclean', found.table);
  options.onReport?.({
    level: 'warn',
    text: `mode replicated and no clean stop: the log may lack its end. It is kept as ${aside}; recovery brings it back from the group`,
  });
  return { kind: 'empty', table: undefined };
}

async function startEmpty(
  options: StorageOptions,
  found: FlushTable | undefined,
  born: Incarnation,
): Promise<{ table: FlushTable; tail: LogTail; log: StoredLog }> {
  const table = found ?? (await createTable(options.folder));
  const checksum = chainStart(options, born, options.hash);
  return { table, tail: { born, rowId: 0, checksum }, log: { kind: 'lost' } };
}

async function insertFirst(
  table: FlushTable,
  flush: Flush,
  options: StorageOptions,
  born: Incarnation,
): Promise<LogTail> {
  const checksum = checksumOf(chainStart(options, born, options.hash), 1, flush, options.hash);
  await table.insert({
    id: 1,
    formatVersion: FLUSH_FORMAT_VERSION,
    segments: encodeSegments(flush.segments),
    lastNormalEpoch: flush.lastNormalView.epochNumber,
    lastNormalView: flush.lastNormalView.viewNumber,
    commitNumber: flush.commitNumber,
    checksum: Buffer.from(checksum, 'latin1'),
  });
  return { born, rowId: 1, checksum };
}

const NEVER_PROMISED: Promised = {
  epochNumber: epochNumber(0),
  viewNumber: viewNumber(0),
  incarnations: [],
};

function nextIncarnation(before: PromiseRecord | undefined): Incarnation {
  return incarnation((before?.incarnation ?? 0) + 1);
}

/** The promise with this life in its own place. (decision 3) */
function withOwnLife(promised: Promised, options: StorageOptions, life: Incarnation): Promised {
  const incarnations = Array.from(
    { length: options.groupSize },
    (_, place) => promised.incarnations[place] ?? incarnation(0),
  );
  incarnations[options.self] = life;
  return { ...promised, incarnations };
}

function recordOf(
  options: StorageOptions,
  before: PromiseRecord | undefined,
  now: Pick<PromiseRecord, 'incarnation' | 'promised' | 'tail'>,
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
