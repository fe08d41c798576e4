import type {
  ByteString,
  Incarnation,
  Life,
  LogEntry,
  OpNumber,
  Promised,
  Store,
  StoredLog,
  ViewNumber,
} from '@lockstep/vr-core';
import type { Loss } from './world';

type StoredFacts = 'lastNormalView' | 'commitNumber' | 'base' | 'witnessBase';

/** The disk of one replica. Never changed: each write gives another one. */
export interface Disk {
  readonly promise: Promised;
  readonly incarnation: number;
  readonly nonce: number;
  readonly log: readonly LogEntry[];
  readonly stored: Pick<Store, StoredFacts> | undefined;
  /** No process has ever started on it. */
  readonly isFresh: boolean;
  readonly logLost: boolean;
  /** The promise is not to be had back, and the operator has said so. (decision 3) */
  readonly promiseLost: boolean;
  /** Handed over and not yet durable, in order. */
  readonly unfinished: readonly Store[];
}

export function emptyDisk(promise: Promised): Disk {
  return {
    promise,
    incarnation: 1,
    nonce: 1,
    log: [],
    stored: undefined,
    isFresh: true,
    logLost: false,
    promiseLost: false,
    unfinished: [],
  };
}

/** One atomic write is durable. */
export function written(disk: Disk, store: Store): Disk {
  const { promise, log, base } = store;
  const entries =
    log === undefined
      ? disk.log
      : [...disk.log.filter(({ opNumber }) => opNumber <= log.afterOp), ...log.entries];
  return {
    ...disk,
    promise: promise ?? disk.promise,
    log: entries.filter(({ opNumber }) => opNumber > base.opNumber),
    promiseLost: disk.promiseLost && promise === undefined,
    logLost: disk.logLost && log?.afterOp !== base.opNumber,
    stored: store,
  };
}

/** The process has died; `finished` of its unfinished writes were durable all the same. */
export function crashed(disk: Disk, loss: Loss, finished: number, empty: Promised): Disk {
  const kept = disk.unfinished.slice(0, finished).reduce(written, disk);
  return {
    ...kept,
    unfinished: [],
    isFresh: false,
    promiseLost: kept.promiseLost || loss.isTold,
    logLost: kept.logLost || loss.log,
    log: loss.log ? [] : kept.log,
    stored: loss.log ? undefined : kept.stored,
    promise: loss.promise ? empty : kept.promise,
    incarnation: kept.incarnation + (loss.incarnation ? 0 : 1),
    nonce: kept.nonce + (loss.nonce ? 0 : 1),
  };
}

/** What the next life finds. */
export function lifeOf(disk: Disk): Life {
  return {
    incarnation: disk.incarnation as Incarnation,
    nonce: `nonce ${disk.nonce}` as ByteString,
    promise: disk.promise,
    promiseLost: disk.promiseLost,
    log: storedLog(disk),
  };
}

function storedLog({ promise, log, stored, isFresh, logLost }: Disk): StoredLog {
  if (logLost) return { kind: 'lost' };
  if (isFresh) return { kind: 'fresh' };
  return {
    kind: 'intact',
    lastNormalView: stored?.lastNormalView ?? {
      epochNumber: promise.epochNumber,
      viewNumber: 0 as ViewNumber,
    },
    commitNumber: stored?.commitNumber ?? (0 as OpNumber),
    base: stored?.base ?? { opNumber: 0 as OpNumber, hash: '' as ByteString },
    witnessBase: stored?.witnessBase ?? (0 as OpNumber),
    entries: [...log],
    beyond: [],
    checkpoint: undefined,
    stateWhole: true,
  };
}

/** Equal keys: equal disks, as far as any later life can tell. */
export function keyOfDisk(disk: Disk): string {
  const { promise, incarnation, nonce, log, stored, logLost, unfinished } = disk;
  const lnv = stored?.lastNormalView;
  return [
    promise.epochNumber,
    promise.viewNumber,
    JSON.stringify(promise.incarnations),
    incarnation,
    nonce,
    log.length,
    log.at(-1)?.hash ?? '',
    `${lnv?.epochNumber ?? '-'}.${lnv?.viewNumber ?? '-'}`,
    stored?.commitNumber ?? 0,
    stored?.base.opNumber ?? 0,
    stored?.witnessBase ?? 0,
    disk.isFresh,
    logLost,
    disk.promiseLost,
    unfinished.map(keyOfStore).join(),
  ].join('/');
}

function keyOfStore({ promise, log, lastNormalView, commitNumber }: Store): string {
  return [
    promise === undefined ? '' : `${promise.viewNumber}:${JSON.stringify(promise.incarnations)}`,
    log === undefined ? '' : `${log.afterOp}+${log.entries.map((entry) => entry.hash).join('+')}`,
    lastNormalView.viewNumber,
    commitNumber,
  ].join(':');
}
