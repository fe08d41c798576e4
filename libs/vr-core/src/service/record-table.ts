import type { Records } from './tables';
import type { Undoable, UndoJournal } from './undo-journal';

const SLAB_BYTES = 4096;

/** As many records as fit one page, and which of them are in use. */
interface Slab {
  readonly data: Uint8Array;
  readonly used: Uint8Array;
  usedCount: number;
}

/**
 * Records of one size in slabs of 4 KiB, a slab for each run of indexes that has any. `get` is a view into the slab:
 * it shows what is there now, also after a later `put` to the same index.
 */
export class RecordTable implements Records, Undoable<number> {
  readonly recordBytes: number;
  private readonly perSlab: number;
  private readonly slabs: (Slab | undefined)[] = [];
  private readonly journal: UndoJournal;
  private usedCount = 0;

  constructor(recordBytes: number, journal: UndoJournal) {
    if (!Number.isSafeInteger(recordBytes) || recordBytes < 1)
      throw new RangeError(`a record cannot have ${recordBytes} bytes`);
    this.recordBytes = recordBytes;
    this.perSlab = Math.max(1, Math.floor(SLAB_BYTES / recordBytes));
    this.journal = journal;
  }

  get size(): number {
    return this.usedCount;
  }

  get(index: number): Uint8Array | undefined {
    const place = index % this.perSlab;
    const slab = this.slabs[(index - place) / this.perSlab];
    if (slab === undefined || slab.used[place] !== 1) return undefined;
    return slab.data.subarray(place * this.recordBytes, (place + 1) * this.recordBytes);
  }

  put(index: number, record: Uint8Array): void {
    if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`no index: ${index}`);
    if (record.length !== this.recordBytes)
      throw new RangeError(`a record has ${this.recordBytes} bytes, not ${record.length}`);
    if (this.journal.isRecording) this.journal.record(this, index, this.get(index)?.slice());
    this.write(index, record);
  }

  free(index: number): void {
    const before = this.get(index);
    if (before === undefined) return;
    if (this.journal.isRecording) this.journal.record(this, index, before.slice());
    this.clear(index);
  }

  restore(index: number, before: Uint8Array | undefined): void {
    if (before === undefined) this.clear(index);
    else this.write(index, before);
  }

  /** Every record in use, by rising index. */
  *entries(): Iterable<readonly [index: number, record: Uint8Array]> {
    for (let at = 0; at < this.slabs.length; at += 1) {
      if (this.slabs[at] === undefined) continue;
      for (let index = at * this.perSlab; index < (at + 1) * this.perSlab; index += 1) {
        const record = this.get(index);
        if (record !== undefined) yield [index, record];
      }
    }
  }

  private write(index: number, record: Uint8Array): void {
    const place = index % this.perSlab;
    const slab = this.slabAt((index - place) / this.perSlab);
    slab.data.set(record, place * this.recordBytes);
    if (slab.used[place] === 1) return;
    slab.used[place] = 1;
    slab.usedCount += 1;
    this.usedCount += 1;
  }

  private clear(index: number): void {
    const place = index % this.perSlab;
    const at = (index - place) / this.perSlab;
    const slab = this.slabs[at];
    if (slab === undefined || slab.used[place] !== 1) return;
    slab.used[place] = 0;
    slab.usedCount -= 1;
    this.usedCount -= 1;
    if (slab.usedCount === 0) this.slabs[at] = undefined;
    else slab.data.fill(0, place * this.recordBytes, (place + 1) * this.recordBytes);
  }

  private slabAt(at: number): Slab {
    const found = this.slabs[at];
    if (found !== undefined) return found;
    // A gap is filled so that the array stays dense.
    while (this.slabs.length < at) this.slabs.push(undefined);
    const slab = {
      data: new Uint8Array(this.perSlab * this.recordBytes),
      used: new Uint8Array(this.perSlab),
      usedCount: 0,
    };
    this.slabs[at] = slab;
    return slab;
  }
}
