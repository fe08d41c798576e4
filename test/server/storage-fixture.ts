import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  clusterMs,
  epochNumber,
  firstEpoch,
  GENESIS,
  incarnation,
  makeCheckpoint,
  makeEntry,
  opNumber,
  replicaNumber,
  toByteString,
  viewNumber,
  type ByteString,
  type Checkpoint,
  type Life,
  type LogEntry,
  type LogPlace,
  type Promised,
  type Store,
  type StoredLog,
  type StoredPage,
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
  start(mode: DurabilityMode, recover?: boolean): ReplicaStorage;
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
    start: (mode, recover = false) =>
      new MemoryStorage({ disk, self: replicaNumber(1), epoch: EPOCH, mode, recover }),
    kill: () => {
      disk = disk.copy();
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
    start(mode, recover = false) {
      const onReport = (report: StorageReport): void => void reports.push(report);
      const storage = new FileStorage({ ...optionsOf(folder(), mode, onReport), recover });
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

/** Both of one specification. */
export const twins = [
  ['in files', fileFixture],
  ['in memory', memoryFixture],
] as const;

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
    epoch: EPOCH,
    mode,
    hash,
    recover: false,
    onReport,
  };
}

export const view = (number: number): Viewstamp => ({
  epochNumber: epochNumber(0),
  viewNumber: viewNumber(number),
});

/** Three actives, this replica the second of them. */
export const EPOCH = firstEpoch({
  epochNumber: epochNumber(0),
  members: [0, 1, 2].map((number) => ({
    replicaNumber: replicaNumber(number),
    nodeId: `r${number}`,
    role: 'active',
    peerUrl: `http://127.0.0.1:${7000 + number}`,
    clientUrl: `http://127.0.0.1:${7000 + number}`,
  })),
});

/** The promise of a view; incarnations by replica-number. */
export const promise = (
  number: number,
  incarnations: Readonly<Record<number, number>>,
): Promised => ({
  ...view(number),
  incarnations: Object.entries(incarnations).map(([of, known]) => ({
    replicaNumber: replicaNumber(Number(of)),
    incarnation: incarnation(known),
  })),
  epoch: EPOCH,
});

/** A chained log: entry n of branch b, whose bytes tell both. */
export function chain(
  after: readonly LogEntry[],
  count: number,
  branch = 0,
  requests: readonly Uint8Array[] = [],
): LogEntry[] {
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
        { newView: false, touched: undefined, requests },
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
    pages: undefined,
    checkpoint: undefined,
    base: GENESIS,
    witnessBase: opNumber(0),
    lastNormalView: view(0),
    commitNumber: opNumber(0),
    ...more,
  };
}

export const append = (entries: readonly LogEntry[], more: Partial<Omit<Store, 'log'>> = {}) =>
  storeOf({ afterOp: opNumber((entries[0]?.opNumber ?? 1) - 1), entries }, more);

/** Pages of one table; without text: the page is gone. */
export const pagesOf = (
  texts: Readonly<Record<number, string | undefined>>,
  table = 'counter/values',
): StoredPage[] =>
  Object.entries(texts).map(([page, text]) => ({
    table,
    page: Number(page),
    bytes: text === undefined ? undefined : new Uint8Array(Buffer.from(text)),
  }));

export const pagesStore = (forOp: number, pages: readonly StoredPage[], isTransfer = false) =>
  storeOf(undefined, { pages: { forOp: opNumber(forOp), pages, isTransfer } });

/** A checkpoint after entry `head`; its root is of no matter here. */
export const checkpointAt = (op: number): Checkpoint =>
  makeCheckpoint(
    {
      opNumber: opNumber(op),
      headHash: toByteString(Buffer.from(`head ${op}`)),
      stateRoot: GENESIS.hash,
    },
    hash,
  );

export const placeOf = (entry: LogEntry): LogPlace => ({
  opNumber: entry.opNumber,
  hash: entry.hash,
});

/** What a start found: the life, and the text of each page that was restored. */
export async function openedWith(
  storage: ReplicaStorage,
): Promise<{ life: Life; pages: Readonly<Record<string, string>> }> {
  const pages: Record<string, string> = {};
  const life = await storage.open((portion) => {
    for (const { table, page, bytes } of portion) {
      const name = `${table} ${page}`;
      if (name in pages || bytes === undefined) throw new Error(`${name} was restored twice`);
      pages[name] = Buffer.from(bytes).toString();
    }
  });
  return { life, pages };
}

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

/** A small generator of even quality (Marsaglia's xorshift, 32 bits): damage is the same in every run. */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
