import type { Records } from '@lockstep/vr-core';
import type { Ino } from '../model/inode-type';
import type { FileTables } from '../model/tables';
import { fromImage } from './image';
import { imageKey, imagesOf, recordKey, TABLE } from './image-key';
import { PastRows } from './past-rows';
import { notOfThePast, type PastState } from './past-state';

/**
 * The tables as they were: inodes, names and extras, to be read only; everything else is as it is now. What is below a
 * directory is not kept: its counts in the records of the past mean nothing.
 */
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
    const images = imagesOf(volume, recordKey(ino));
    const row = this.tables.history.next(imageKey(images, op));
    return row?.[0].startsWith(images) === true
      ? fromImage(TABLE.inodes, row[1])
      : this.tables.inodes.get(ino);
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
