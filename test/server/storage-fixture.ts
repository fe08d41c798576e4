import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  clusterMs,
  epochNumber,
  makeEntry,
  opNumber,
  replicaNumber,
  toByteString,
  viewNumber,
  type ByteString,
  type LogEntry,
  type Promised,
  type Store,
  type StoredLog,
  type Viewstamp,
} from '@lockstep/vr-core';
import { FileStorage } from '../../apps/server/src/storage/file-storage';
import { MemoryDisk, MemoryStorage } from '../../apps/server/src/storage/memory-storage';
import type {
  DurabilityMode,
  ReplicaStorage,
  StorageReport,
} from '../../apps/server/src/storage/replica-storage';
import type { StorageOptions } from '../../apps/server/src/storage/storage-options';

export const hash = (data: Uint8Array): ByteString =>
  toByteString(createHash('sha256').update(data).digest().subarray(0, 16));

/** A replica's storage through several lives, whatever it is made of. */
export interface StorageFixture {
  readonly reports: StorageReport[];
  start(mode: DurabilityMode): ReplicaStorage;
  /** The process dies here and now: what was not on the disk is gone. */
  kill(): Promise<void>;
  /** The promise is gone, and the permission to start without one too. */
  forget(): Promise<void>;
  dispose(): Promise<void>;
}

export function memoryFixture(): Promise<StorageFixture> {
  let disk = new MemoryDisk();
  return Promise.resolve({
    reports: [],
    start: (mode) => new MemoryStorage({ disk, self: replicaNumber(1), groupSize: 3, mode }),
    kill: () => {
      const log = disk.log;
      const copy = Object.assign(new MemoryDisk(), disk);
      copy.log = log === undefined ? undefined : { ...log, entries: [...log.entries] };
      disk = copy;
      return Promise.resolve();
    },
    forget: () => {
      disk.promised = undefined;
      return Promise.resolve();
    },
    dispose: () => Promise.resolve(),
  });
}

export interface FileFixture extends StorageFixture {
  /** Where the present life writes. */
  folder(): string;
}

export async function fileFixture(): Promise<FileFixture> {
  const base = await mkdtemp(join(tmpdir(), 'lockstep-storage-'));
  const reports: StorageReport[] = [];
  const started: FileStorage[] = [];
  let life = 0;
  const folder = (): string => join(base, `life-${life}`);
  await mkdir(folder());
  await writeFile(join(folder(), 'init'), 'once');
  return {
    reports,
    folder,
    start(mode) {
      const storage = new FileStorage(
        optionsOf(folder(), mode, (report) => {
          reports.push(report);
        }),
      );
      started.push(storage);
      return storage;
    },
    // The files as they are this instant, copied, are what a process killed now leaves behind.
    async kill() {
      const before = folder();
      life += 1;
      await cp(before, folder(), { recursive: true });
    },
    async forget() {
      await rm(join(folder(), 'promise.a'));
      await rm(join(folder(), 'promise.b'));
    },
    async dispose() {
      for (const storage of started) await storage.close();
      await rm(base, { recursive: true, force: true });
    },
  };
}

export function optionsOf(
  folder: string,
  mode: DurabilityMode,
  onReport: (report: StorageReport) => void = () => undefined,
): StorageOptions {
  return {
    folder,
    groupId: 'group-1',
    nodeId: 'r1-abc',
    generation: 1,
    self: replicaNumber(1),
    groupSize: 3,
    mode,
    hash,
    onReport,
  };
}

export const view = (number: number): Viewstamp => ({
  epochNumber: epochNumber(0),
  viewNumber: viewNumber(number),
});

export const promise = (number: number, incarnations: readonly number[]): Promised => ({
  ...view(number),
  incarnations: incarnations as Promised['incarnations'],
});

/** A chained log: entry n of branch b, whose bytes tell both. */
export function chain(after: readonly LogEntry[], count: number, branch = 0): LogEntry[] {
  const entries: LogEntry[] = [];
  for (let made = 0; made < count; made += 1) {
    const parent = entries.at(-1) ?? after.at(-1);
    entries.push(
      makeEntry(
        {
          epochNumber: epochNumber(0),
          viewNumber: viewNumber(branch),
          opNumber: opNumber(after.length + entries.length + 1),
          parentHash: parent?.hash ?? ('' as ByteString),
          clusterMs: clusterMs(after.length + made),
          wallSeconds: 0,
          wallNanos: branch,
        },
        { newView: false, touched: undefined, requests: [] },
        hash,
      ),
    );
  }
  return entries;
}

let storeNumber = 0;

export function storeOf(
  log: Store['log'] | undefined,
  more: Partial<Omit<Store, 'log'>> = {},
): Store {
  storeNumber += 1;
  return {
    storeNumber,
    promise: undefined,
    log,
    lastNormalView: view(0),
    commitNumber: opNumber(0),
    ...more,
  };
}

export const append = (entries: readonly LogEntry[], more: Partial<Omit<Store, 'log'>> = {}) =>
  storeOf({ afterOp: opNumber((entries[0]?.opNumber ?? 1) - 1), entries }, more);

/** Resolves when the store is done; rejects with its failure. */
export function stored(storage: ReplicaStorage, store: Store): Promise<void> {
  return new Promise((resolve, reject) => {
    storage.store(store, (failure) => {
      if (failure === undefined) resolve();
      else reject(failure);
    });
  });
}

/** The hashes of the log: equal hashes, equal logs. */
export function logOf(log: StoredLog): readonly string[] | StoredLog['kind'] {
  return log.kind === 'intact' ? log.entries.map((entry) => entry.hash) : log.kind;
}

export const hashes = (entries: readonly LogEntry[]): readonly string[] =>
  entries.map((entry) => entry.hash);
