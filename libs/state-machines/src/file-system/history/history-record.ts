import type { Records } from '@lockstep/vr-core';
import { getU64, putU64 } from '../model/fixed-width';

/** What is known of the history of one volume. */
export interface HistoryRecord {
  /** The oldest op as of which anything can be read, snapshots aside; `NOTHING_KEPT` while none is kept. */
  readonly floor: number;
  /** Of the rows of the window. */
  readonly bytes: number;
  /** The op that made the newest image. */
  readonly lastOp: number;
  /** Inodes from this number on were made by `lastOp` or later. */
  readonly births: number;
  readonly snapshots: number;
  /** The op that made the newest snapshot. */
  readonly snapshotOp: number;
  /** Images made so far. */
  readonly made: number;
  /** No row of the window is older, by cluster time. */
  readonly oldestMs: number;
}

type HistoryChanges = {
  readonly [K in 'floor' | 'bytes' | 'snapshots' | 'snapshotOp' | 'oldestMs']?:
    HistoryRecord[K] | undefined;
};

export const NOTHING_KEPT = Number.MAX_SAFE_INTEGER;

const FLOOR = 0; // 8 bytes each
const BYTES = 8;
const LAST_OP = 16;
const BIRTHS = 24;
const SNAPSHOTS = 32;
const SNAPSHOT_OP = 40;
const MADE = 48;
const OLDEST_MS = 56;
export const HISTORY_BYTES = 64;

/** Undefined: nothing has been changed since the volume was made. */
export function readHistory(table: Records, volume: number): HistoryRecord | undefined {
  const record = table.get(volume);
  if (record === undefined) return undefined;
  return {
    floor: getU64(record, FLOOR),
    bytes: getU64(record, BYTES),
    lastOp: getU64(record, LAST_OP),
    births: getU64(record, BIRTHS),
    snapshots: getU64(record, SNAPSHOTS),
    snapshotOp: getU64(record, SNAPSHOT_OP),
    made: getU64(record, MADE),
    oldestMs: getU64(record, OLDEST_MS),
  };
}

/** Writes the fields that are given and leaves the others. */
export function changeHistory(
  table: Records,
  volume: number,
  { floor, bytes, snapshots, snapshotOp, oldestMs }: HistoryChanges,
): void {
  const record = table.edit(volume);
  if (floor !== undefined) putU64(record, FLOOR, floor);
  if (bytes !== undefined) putU64(record, BYTES, bytes);
  if (snapshots !== undefined) putU64(record, SNAPSHOTS, snapshots);
  if (snapshotOp !== undefined) putU64(record, SNAPSHOT_OP, snapshotOp);
  if (oldestMs !== undefined) putU64(record, OLDEST_MS, oldestMs);
}

/** Images have come. Gives how many bytes the window had before. */
export function addToWindow(
  table: Records,
  volume: number,
  more: {
    readonly bytes: number;
    readonly lastOp: number;
    readonly births: number;
    readonly atMs: number;
    readonly floor: number | undefined;
  },
): number {
  const record = table.edit(volume);
  const before = getU64(record, BYTES);
  putU64(record, BYTES, before + more.bytes);
  if (before === 0) putU64(record, OLDEST_MS, more.atMs);
  putU64(record, LAST_OP, more.lastOp);
  putU64(record, BIRTHS, more.births);
  if (more.floor !== undefined) putU64(record, FLOOR, more.floor);
  return before;
}

/** The op that made the newest snapshot; undefined: there is none. */
export function snapshotOpOf(table: Records, volume: number): number | undefined {
  const record = table.get(volume);
  return record === undefined ? undefined : getU64(record, SNAPSHOT_OP);
}

/** One more image has been made. Gives how many there had been. */
export function countImage(table: Records, volume: number): number {
  const record = table.edit(volume);
  const before = getU64(record, MADE);
  putU64(record, MADE, before + 1);
  return before;
}

export function imagesMade(table: Records, volume: number): number {
  const record = table.get(volume);
  return record === undefined ? 0 : getU64(record, MADE);
}
