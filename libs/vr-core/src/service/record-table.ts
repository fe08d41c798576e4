import type { Records } from './tables';
import type { Undoable, UndoJournal } from './undo-journal';

const SLAB_BYTES = 4096;
/** Memory is asked for in blocks of up to this many slabs: each request costs as much as several operations. */
const BLOCK_SLABS_MAX = 16;
const NO_BYTES = new Uint8Array(0);
/** Equal to no index. */
const NO_INDEX = Number.NaN;

/** Views made lately that a table remembers; a power of two. */
const VIEWS = 16;

/** As many records as fit one page, and which of them are in use. Those that are not are zero. */
interface Slab {
  readonly data: Uint8Array;
  readonly used: Uint8Array;
  usedCount: number;
}

/**
 * Records of one size in slabs of 4 KiB, a slab for each run of indexes that has any. `get` is a view into the slab:
 * it shows what is there now, also after a later `put` to the same index.
 */
export class RecordTable implements Records, Undoable<number, number> {
  readonly recordBytes: number;
  private readonly perSlab: number;
  private readonly slabs: (Slab | undefined)[] = [];
  private readonly spare: Slab[] = [];
  private slabsMade = 0;
  private readonly journal: UndoJournal;
  private usedCount = 0;
  // Views of records in use, each in a place its index decides: some records are asked for at every operation.
  private readonly views: Uint8Array[] = Array<Uint8Array>(VIEWS).fill(NO_BYTES);
  private readonly viewIndexes: number[] = Array<number>(VIEWS).fill(NO_INDEX);

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
    if (this.viewIndexes[index & (VIEWS - 1)] === index) return this.views[index & (VIEWS - 1)];
    const place = index % this.perSlab;
    const slab = this.slabs[(index - place) / this.perSlab];
    if (slab === undefined || slab.used[place] !== 1) return undefined;
    return this.viewOf(index, slab, place);
  }

  put(index: number, record: Uint8Array): void {
    if (record.length !== this.recordBytes)
      throw new RangeError(`a record has ${this.recordBytes} bytes, not ${record.length}`);
    this.edit(index).set(record);
  }

  edit(index: number): Uint8Array {
    if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`no index: ${index}`);
    const record = this.get(index);
    if (this.journal.isRecording) this.keep(index, record);
    if (record !== undefined) return record;
    const place = index % this.perSlab;
    const slab = this.slabAt((index - place) / this.perSlab);
    this.use(slab, place);
    return this.viewOf(index, slab, place);
  }

  free(index: number): void {
    const record = this.get(index);
    if (record === undefined) return;
    if (this.journal.isRecording) this.keep(index, record);
    this.clear(index);
  }

  restore(index: number, before: number | undefined): void {
    if (before === undefined) {
      this.clear(index);
      return;
    }
    const place = index % this.perSlab;
    const slab = this.slabAt((index - place) / this.perSlab);
    this.use(slab, place);
    slab.data.set(this.journal.kept(before, this.recordBytes), place * this.recordBytes);
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

  /** Only of records in use: `clear` forgets the view. */
  private viewOf(index: number, { data }: Slab, place: number): Uint8Array {
    // Half the cost of `subarray`.
    const from = data.byteOffset + place * this.recordBytes;
    const view = new Uint8Array(data.buffer, from, this.recordBytes);
    this.views[index & (VIEWS - 1)] = view;
    this.viewIndexes[index & (VIEWS - 1)] = index;
    return view;
  }

  private keep(index: number, record: Uint8Array | undefined): void {
    this.journal.record(this, index, record && this.journal.keep(record));
  }

  private use(slab: Slab, place: number): void {
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
    if (this.viewIndexes[index & (VIEWS - 1)] === index)
      this.viewIndexes[index & (VIEWS - 1)] = NO_INDEX;
    slab.data.fill(0, place * this.recordBytes, (place + 1) * this.recordBytes);
    slab.used[place] = 0;
    slab.usedCount -= 1;
    this.usedCount -= 1;
    if (slab.usedCount > 0) return;
    this.slabs[at] = undefined;
    this.spare.push(slab);
  }

  private slabAt(at: number): Slab {
    const found = this.slabs[at];
    if (found !== undefined) return found;
    // A gap is filled so that the array stays dense.
    while (this.slabs.length < at) this.slabs.push(undefined);
    const slab = this.spare.pop() ?? this.makeSlab();
    this.slabs[at] = slab;
    return slab;
  }

  /** Makes as many again as there are, so that a small table stays small. */
  private makeSlab(): Slab {
    const count = Math.min(BLOCK_SLABS_MAX, Math.max(1, this.slabsMade));
    const slabBytes = this.perSlab * this.recordBytes;
    const block = new Uint8Array(count * slabBytes);
    for (let at = count - 1; at >= 0; at -= 1) {
      const data = block.subarray(at * slabBytes, (at + 1) * slabBytes);
      this.spare.push({ data, used: new Uint8Array(this.perSlab), usedCount: 0 });
    }
    this.slabsMade += count;
    return this.spare.pop() as Slab;
  }
}
