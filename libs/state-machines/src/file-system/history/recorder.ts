import { clusterMs, keyU64, type ApplyContext, type ByteString } from '@lockstep/vr-core';
import type { Ino } from '../model/inode-type';
import { nextIno } from '../model/inode-table';
import type { FileTables } from '../model/tables';
import type { Volume } from '../model/volume';
import { changeHistory, countImage, NOTHING_KEPT, type HistoryRecord } from './history-record';
import { toImage } from './image';
import { imageKey, imagesOf, TABLE, windowKey, type TableWithHistory } from './image-key';
import { makeStamp } from './stamp';
import { historyTimer } from './timer-key';
import { firstFloor, hasWindow, rowBytes } from './window';

/**
 * Keeps what a request replaces, once for each key and op: the first image of an op is the one that counts. What an op
 * has made itself needs no image: numbers of inodes rise, and each op writes down from where on they are its own.
 * Nothing is remembered from one key to the next, since what is rolled back was not kept.
 */
export class Recorder {
  /** Images made, those that were rolled back included. */
  made = 0;
  private readonly tables: FileTables;
  private readonly volume: Volume;
  private readonly context: ApplyContext;
  private readonly births: Ino;
  private readonly stamp: Uint8Array;
  /** To be written down with the first image of the volume. */
  private readonly floor: number | undefined;

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
    this.stamp = makeStamp(this.births, context.clusterMs);
    this.floor = history === undefined ? firstFloor(tables, volume) : undefined;
    if (history?.floor === NOTHING_KEPT)
      changeHistory(tables.histories, volume.id, { floor: opNumber });
  }

  /** True of an inode made by this op: nothing of it was there before. */
  isNew(ino: Ino): boolean {
    return ino >= this.births;
  }

  keepRecord(ino: Ino): void {
    if (!this.isNew(ino)) this.keep(TABLE.inodes, keyU64(ino), this.tables.inodes.get(ino));
  }

  /** `before`: what is under the key now. */
  keep(table: TableWithHistory, at: ByteString, before: Uint8Array | undefined): void {
    const { tables, volume } = this;
    const { opNumber } = this.context;
    const images = imagesOf(volume.id, table, at);
    const key = imageKey(images, opNumber);
    if (tables.history.get(key) !== undefined) return;
    const image = toImage(before);
    const logged = windowKey(images, table, at, opNumber);
    tables.history.put(key, image);
    tables.historyLog.put(logged, this.stamp);
    this.count(rowBytes(logged, key, image));
    this.made += 1;
  }

  private count(bytes: number): void {
    const { tables, volume, context, births, floor } = this;
    const lastOp = context.opNumber;
    const before = countImage(tables.histories, volume.id, { bytes, lastOp, births });
    if (floor !== undefined) changeHistory(tables.histories, volume.id, { floor });
    if (before > 0 || !hasWindow(volume)) return;
    context.timers.set(historyTimer(volume), clusterMs(context.clusterMs + volume.historyMs));
  }
}
