import { join } from 'node:path';
import {
  incarnation,
  replicaNumber,
  type ByteString,
  type LogEntry,
  type OpNumber,
  type Viewstamp,
} from '@lockstep/vr-core';
import { readIdentity } from '../config/identity-file';
import type { ReplicaIdentity } from '../config/replica-config';
import { sha256 } from '../replica-host/hash';
import { readCheckpoint, type CheckpointRecord } from '../storage/checkpoint-record';
import { DatabaseFile } from '../storage/database-file';
import { isThere } from '../storage/folder';
import { DamagedLog } from '../storage/log-fold';
import { PromiseFiles } from '../storage/promise-files';
import type { PromiseRecord } from '../storage/promise-record';
import { readDatabase } from '../storage/replica-database';
import { DATABASE, type StorageOptions } from '../storage/storage-options';
import { readLogRows, type FoundLog } from '../storage/stored-log';

/** What is left of one replica: its folder, read while it does not run. */
export interface Survivor {
  readonly folder: string;
  readonly identity: ReplicaIdentity;
  /** Undefined when every copy of it is gone or damaged. */
  readonly promise: PromiseRecord | undefined;
  /** Undefined when there is none to be read; `problem` says why. */
  readonly log: SurvivingLog | undefined;
  readonly problem: string | undefined;
}

export interface SurvivingLog {
  readonly file: DatabaseFile;
  /** v' of the paper: of two logs the one of the later view counts, and then the longer. (VRR §4.2) */
  readonly lastNormalView: Viewstamp;
  readonly commitNumber: OpNumber;
  readonly head: { readonly opNumber: OpNumber; readonly hash: ByteString };
  readonly entries: readonly LogEntry[];
  readonly checkpoint: CheckpointRecord | undefined;
  /** It may lack its end: mode `replicated`, and no clean stop. (decision 16) */
  readonly mayLackItsEnd: boolean;
}

/** Where a start in mode `replicated` has put a log that may lack its end. */
const UNCLEAN = `${DATABASE}.unclean`;
/** How many earlier process starts may have made that file. */
const LIVES_TRIED = 32;

/** Throws `RefusedToStart` when another process serves the folder. The caller closes the log's file. */
export async function readSurvivor(folder: string): Promise<Survivor> {
  const identity = await readIdentity(folder);
  const options = optionsOf(folder, identity);
  const promises = new PromiseFiles(folder);
  const { newest: promise } = await promises.read();
  if (promise === undefined)
    return { folder, identity, promise, log: undefined, problem: 'its promise is gone' };
  const found = await readDatabase(options, promise.tail);
  if (found.kind === 'intact') {
    const mayLackItsEnd = !promise.logAwaited && !promise.clean;
    const log = await logOf(found.file, found.log, mayLackItsEnd);
    return { folder, identity, promise, log, problem: undefined };
  }
  await found.file?.close();
  const log = await readSetAside(folder, options, promise);
  const problem = found.kind === 'damaged' ? found.reason : 'it had lost its log before';
  return { folder, identity, promise, log, problem: log === undefined ? problem : undefined };
}

async function logOf(
  file: DatabaseFile,
  log: FoundLog,
  mayLackItsEnd: boolean,
): Promise<SurvivingLog> {
  const entries = [...log.entries, ...log.beyond];
  const last = entries.at(-1);
  const head = last ?? log.base;
  const record = await readCheckpoint(file);
  const { lastNormalView, commitNumber } = log;
  return {
    file,
    lastNormalView,
    commitNumber,
    head: { opNumber: head.opNumber, hash: head.hash },
    entries,
    checkpoint: record === 'damaged' ? undefined : record,
    mayLackItsEnd,
  };
}

/** A file that was put aside says by its checksums which life had made it. */
async function readSetAside(
  folder: string,
  options: StorageOptions,
  { incarnation: last }: PromiseRecord,
): Promise<SurvivingLog | undefined> {
  const path = join(folder, UNCLEAN);
  if (!(await isThere(path))) return undefined;
  const file = await DatabaseFile.open(path);
  for (let born = last - 1; born >= Math.max(1, last - LIVES_TRIED); born -= 1) {
    const mark = { born: incarnation(born), rowId: 0, checksum: '' as ByteString };
    try {
      const log = await readLogRows(file, options, [mark], sha256);
      if (log !== undefined) return await logOf(file, log, true);
    } catch (fault) {
      if (!(fault instanceof DamagedLog)) throw fault;
    }
  }
  await file.close();
  return undefined;
}

function optionsOf(folder: string, identity: ReplicaIdentity): StorageOptions {
  const { groupId, nodeId, generation, epoch, mode } = identity;
  const self = replicaNumber(identity.replicaNumber);
  return { folder, groupId, nodeId, generation, self, epoch, mode, hash: sha256, recover: false };
}
