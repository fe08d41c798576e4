import { clusterMs, type ApplyContext } from '@lockstep/vr-core';
import type { Ino } from '../model/inode-type';
import { nextIno } from '../model/inode-table';
import type { FileTables } from '../model/tables';
import type { Volume } from '../model/volume';
import {
  addToWindow,
  changeHistory,
  countImage,
  imagesMade,
  NOTHING_KEPT,
  type HistoryRecord,
} from './history-record';
import { toImage } from './image';
import { imageKeyOf, recordKey, type TableKey } from './image-key';
import { windowKey } from './log-key';
import { historyTimer } from './timer-key';
import { firstFloor, hasWindow } from './window';
import { encodeWindowRow } from './window-row';

/** Images of which one row of the window tells. */
const KEYS_PER_ROW = 32;
const INO_BYTES = 8;

/**
 * Keeps what a request replaces, once for each key and op: the first image of an op is the one that counts. What an op
 * has made itself needs no image: numbers of inodes rise, and each op writes down from where on they are its own.
 *
 * What is rolled back within the request takes its images with it. How many there are is in the tables, so that the
 * list of them, from which the window is written at the end, is cut off where it was rolled back to.
 */
export class Recorder {
  private readonly tables: FileTables;
  private readonly volume: Volume;
  private readonly context: ApplyContext;
  private readonly births: Ino;
  /** To be written down with the first image of the volume. */
  private readonly floor: number | undefined;
  /** Images that were made before this request. */
  private readonly madeBefore: number;
  /** Of what, and how many bytes each counts for. */
  private readonly made: TableKey[] = [];
  private readonly madeBytes: number[] = [];

  constructor(
    tables: FileTables,
    volume: Volume,
    context: ApplyContext,
    history: HistoryRecord | undefined,
  ) {
    this.tables = tables;
    this.volume = volume;
    this.context = context;
    const { opNumber } = context;
    this.births = history?.lastOp === opNumber ? history.births : nextIno(tables.counters);
    this.madeBefore = history?.made ?? 0;
    this.floor = history === undefined ? firstFloor(tables, volume) : undefined;
    if (history?.floor === NOTHING_KEPT)
      changeHistory(tables.histories, volume.id, { floor: opNumber });
  }

  /** True of an inode made by this op: nothing of it was there before. */
  isNew(ino: Ino): boolean {
    return ino >= this.births;
  }

  keepRecord(ino: Ino): void {
    if (this.isNew(ino)) return;
    this.keep(recordKey(ino), this.tables.inodes.get(ino));
  }

  /** `before`: what is under the key now. */
  keep(key: TableKey, before: Uint8Array | undefined): void {
    const { tables, volume, made } = this;
    const at = imageKeyOf(volume.id, key, this.context.opNumber);
    if (tables.history.get(at) !== undefined) return;
    const image = toImage(key.table, before);
    tables.history.put(at, image);
    made.length = countImage(tables.histories, volume.id) - this.madeBefore;
    this.madeBytes[made.length] = INO_BYTES + key.rest.length + at.length + image.length;
    made.push(key);
  }

  /** Writes down what was kept. Gives how many images. */
  finish(): number {
    const { tables, volume, made, births, context, floor } = this;
    if (made.length === 0) return 0;
    made.length = imagesMade(tables.histories, volume.id) - this.madeBefore;
    let bytes = 0;
    for (let from = 0; from < made.length; from += KEYS_PER_ROW) bytes += this.writeRow(from);
    const lastOp = context.opNumber;
    const atMs = context.clusterMs;
    const more = { bytes, lastOp, births, atMs, floor };
    const before = addToWindow(tables.histories, volume.id, more);
    if (before === 0 && bytes > 0 && hasWindow(volume))
      context.timers.set(historyTimer(volume), clusterMs(context.clusterMs + volume.historyMs));
    return made.length;
  }

  /** Gives the bytes that it counts for, with its images. */
  private writeRow(from: number): number {
    const { tables, volume, context, births } = this;
    const { made, madeBytes } = this;
    const to = Math.min(from + KEYS_PER_ROW, made.length);
    const at = windowKey(volume.id, context.opNumber, this.madeBefore + from);
    let bytes = at.length;
    for (let place = from; place < to; place += 1) bytes += madeBytes[place] as number;
    const keys = to - from === made.length ? made : made.slice(from, to);
    const row = { births, atMs: context.clusterMs, bytes, keys };
    tables.historyLog.put(at, encodeWindowRow(row));
    return bytes;
  }
}
