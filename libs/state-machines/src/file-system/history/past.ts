import { keyU64, readKeyU64, type ByteString, type Entry, type Ordered, type Records } from '@lockstep/vr-core';
import type { Ino } from '../model/inode-type';
import { inoOfRow } from '../model/directory';
import type { FileTables } from '../model/tables';
import { fromImage } from './image';
import {
  imageKey,
  imagesOf,
  imagesOfImage,
  keyOfImage,
  opOfImage,
  TABLE,
  tablePrefix,
  type TableWithHistory,
} from './image-key';

/** A state of a volume, as an op has left it. */
export interface PastState {
  readonly volume: number;
  readonly op: number;
  /** Inodes from this number on were made later. */
  readonly births: Ino;
}

/** The tables as they were: to be read only. What has no history is as it is now. */
export function pastTables(tables: FileTables, state: PastState): FileTables {
  const inodes = new PastInodes(tables, state);
  return {
    ...tables,
    inodes,
    usages: inodes,
    dentries: new PastRows(tables, TABLE.dentries, state),
    extra: new PastRows(tables, TABLE.extra, state),
  };
}

class PastInodes implements Records {
  private readonly tables: FileTables;
  private readonly state: PastState;

  constructor(tables: FileTables, state: PastState) {
    this.tables = tables;
    this.state = state;
  }

  get(ino: Ino): Uint8Array | undefined {
    const { volume, op, births } = this.state;
    if (ino >= births) return undefined;
    const images = imagesOf(volume, TABLE.inodes, keyU64(ino));
    const row = this.tables.history.next(imageKey(images, op));
    return row?.[0].startsWith(images) === true ? fromImage(row[1]) : this.tables.inodes.get(ino);
  }

  get size(): number {
    return notOfThePast();
  }

  put(): void {
    notOfThePast();
  }

  edit(): Uint8Array {
    return notOfThePast();
  }

  free(): void {
    notOfThePast();
  }
}

/** Names or extras. Those of one inode are read at a time. */
class PastRows implements Ordered {
  private readonly present: Ordered;
  private readonly history: Ordered;
  private readonly table: TableWithHistory;
  private readonly state: PastState;

  constructor(
    tables: FileTables,
    table: typeof TABLE.dentries | typeof TABLE.extra,
    state: PastState,
  ) {
    this.present = table === TABLE.dentries ? tables.dentries : tables.extra;
    this.history = tables.history;
    this.table = table;
    this.state = state;
  }

  get(at: ByteString): Uint8Array | undefined {
    const images = imagesOf(this.state.volume, this.table, at);
    const row = this.history.next(imageKey(images, this.state.op));
    const value = row?.[0].startsWith(images) === true ? fromImage(row[1]) : this.present.get(at);
    return this.asOfThen(at, value);
  }

  /** Both orders are the same: that of the keys now, and that of the keys that have images. */
  *range(from: ByteString, to?: ByteString): Iterable<Entry> {
    const inode = from.slice(0, 8) as ByteString;
    const present = this.present.range(from, to)[Symbol.iterator]();
    let now = present.next();
    let image = this.nextImage(imagesFrom(this.state.volume, this.table, from), inode);
    for (;;) {
      const entry = now.done === true || !now.value[0].startsWith(inode) ? undefined : now.value;
      const past = image === undefined || isFrom(image[0], to) ? undefined : image;
      if (entry === undefined && past === undefined) return;
    }
  }
}
