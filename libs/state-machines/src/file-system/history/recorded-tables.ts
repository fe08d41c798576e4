import {
  readKeyU64,
  type ByteString,
  type Entry,
  type Ordered,
  type Records,
} from '@lockstep/vr-core';
import { inodeOfRow } from '../model/directory';
import type { Ino } from '../model/inode-type';
import type { FileTables } from '../model/tables';
import { rowKey, TABLE } from './image-key';
import type { Recorder } from './recorder';

/** The tables as they are; inodes, names and extras are kept before they are changed. */
export function recordedTables(tables: FileTables, recorder: Recorder): FileTables {
  return {
    ...tables,
    inodes: new RecordedInodes(tables.inodes, recorder),
    dentries: new RecordedRows(tables.dentries, TABLE.dentries, recorder),
    extra: new RecordedRows(tables.extra, TABLE.extra, recorder),
  };
}

class RecordedInodes implements Records {
  private readonly records: Records;
  private readonly recorder: Recorder;

  constructor(records: Records, recorder: Recorder) {
    this.records = records;
    this.recorder = recorder;
  }

  get size(): number {
    return this.records.size;
  }

  get(ino: Ino): Uint8Array | undefined {
    return this.records.get(ino);
  }

  put(ino: Ino, record: Uint8Array): void {
    this.recorder.keepRecord(ino);
    this.records.put(ino, record);
  }

  edit(ino: Ino): Uint8Array {
    this.recorder.keepRecord(ino);
    return this.records.edit(ino);
  }

  free(ino: Ino): void {
    this.recorder.keepRecord(ino);
    this.records.free(ino);
  }
}

type RowTable = typeof TABLE.dentries | typeof TABLE.extra;

class RecordedRows implements Ordered {
  private readonly rows: Ordered;
  private readonly table: RowTable;
  private readonly recorder: Recorder;

  constructor(rows: Ordered, table: RowTable, recorder: Recorder) {
    this.rows = rows;
    this.table = table;
    this.recorder = recorder;
  }

  get size(): number {
    return this.rows.size;
  }

  get(at: ByteString): Uint8Array | undefined {
    return this.rows.get(at);
  }

  put(at: ByteString, value: Uint8Array): void {
    if (!this.recorder.isNew(readKeyU64(at, 0))) this.keep(at, value);
    this.rows.put(at, value);
  }

  delete(at: ByteString): boolean {
    const before = this.rows.get(at);
    if (before === undefined) return false;
    if (!this.recorder.isNew(readKeyU64(at, 0))) this.recorder.keep(rowKey(this.table, at), before);
    return this.rows.delete(at);
  }

  first(): Entry | undefined {
    return this.rows.first();
  }

  next(at: ByteString): Entry | undefined {
    return this.rows.next(at);
  }

  range(from: ByteString, to?: ByteString): Iterable<Entry> {
    return this.rows.range(from, to);
  }

  private keep(at: ByteString, value: Uint8Array): void {
    const before = this.rows.get(at);
    // The name of a new inode was no name before, and the inode's number tells so.
    const tellsItself = this.table === TABLE.dentries && this.recorder.isNew(inodeOfRow(at, value));
    if (before !== undefined || !tellsItself) this.recorder.keep(rowKey(this.table, at), before);
  }
}
