import { key, keyU32, keyU64, readKeyU64, utf8Encode, type ByteString } from '@lockstep/vr-core';
import type { FileTables } from '../model/tables';
import { imageKey, imagesOfImage, opOfImage, volumeOfImage } from './image-key';
import type { Snapshot } from './snapshot-row';

const NOTHING = new Uint8Array(0);

/** Snapshots by op, the oldest first, and the newest first: a table is read upward only. */
const OLDEST_FIRST = '\x00';
const NEWEST_FIRST = '\x01';

export const snapshotKey = (volume: number, name: string): ByteString =>
  key(keyU32(volume), utf8Encode(name));

export const findSnapshot = (
  { snapshots }: FileTables,
  volume: number,
  name: string,
): Snapshot | undefined => snapshots.get(snapshotKey(volume, name));

export function putSnapshot(tables: FileTables, volume: number, snapshot: Snapshot): void {
  tables.snapshots.put(snapshotKey(volume, snapshot.name), snapshot);
  for (const at of opKeys(volume, snapshot)) tables.snapshotOps.put(at, NOTHING);
}

export function deleteSnapshot(tables: FileTables, volume: number, snapshot: Snapshot): void {
  tables.snapshots.delete(snapshotKey(volume, snapshot.name));
  for (const at of opKeys(volume, snapshot)) tables.snapshotOps.delete(at);
}

/** The op of the newest snapshot before the op. */
export const snapshotBefore = (
  tables: FileTables,
  volume: number,
  op: number,
): number | undefined => firstAbove(tables, upTo(volume, op - 1));

/** The op of the oldest snapshot of the op or after it. */
export const snapshotFrom = (tables: FileTables, volume: number, op: number): number | undefined =>
  firstAbove(tables, from(volume, op));

/** The snapshots that an op has made. */
export function snapshotsOfOp(tables: FileTables, volume: number, op: number): Snapshot[] {
  const prefix = from(volume, op);
  const found: Snapshot[] = [];
  for (
    let row = tables.snapshotOps.next(prefix);
    row?.[0].startsWith(prefix) === true;
    row = tables.snapshotOps.next(row[0])
  ) {
    const snapshot = tables.snapshots.get(
      key(keyU32(volume), row[0].slice(prefix.length) as ByteString),
    );
    if (snapshot === undefined) throw new Error('what stands under its op stands under its name');
    found.push(snapshot);
  }
  return found;
}

/**
 * Whether a snapshot is made of an image: the newest one before the op that made it, if there is one, and if no older
 * image of the same key is there that serves it.
 */
export function isNeeded(tables: FileTables, image: ByteString): boolean {
  const volume = volumeOfImage(image);
  const snapshot = snapshotBefore(tables, volume, opOfImage(image));
  if (snapshot === undefined) return false;
  return tables.history.next(imageKey(imagesOfImage(image), snapshot))?.[0] === image;
}

function firstAbove({ snapshotOps }: FileTables, prefix: ByteString): number | undefined {
  // A name follows the op, so that every snapshot of the op itself comes after its prefix.
  const row = snapshotOps.next(prefix)?.[0];
  if (row?.startsWith(prefix.slice(0, 5)) !== true) return undefined;
  const op = readKeyU64(row, 5);
  return row[4] === OLDEST_FIRST ? op : Number.MAX_SAFE_INTEGER - op;
}

const from = (volume: number, op: number): ByteString =>
  (keyU32(volume) + OLDEST_FIRST + keyU64(op)) as ByteString;

const upTo = (volume: number, op: number): ByteString =>
  (keyU32(volume) + NEWEST_FIRST + keyU64(Number.MAX_SAFE_INTEGER - op)) as ByteString;

function opKeys(volume: number, { op, name }: Snapshot): readonly [ByteString, ByteString] {
  const label = utf8Encode(name);
  return [key(from(volume, op), label), key(upTo(volume, op), label)];
}
