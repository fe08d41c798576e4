import { DirtyPages } from './dirty-pages';
import { PAGES_MAX } from './page-format';
import type { PagedTable } from './paged-table';
import { checkRecordPage, encodeRecordPage, readRecordPage, type Slab } from './record-page';
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

/**
 * Records of one size in slabs of 4 KiB, a slab for each run of indexes that has any; a slab is a page. `get` is a view
 * into the slab: it shows what is there now, also after a later `put` to the same index.
 */
export class RecordTable implements Records, Undoable<number, number>, PagedTable {
  readonly kind = 'records';
  readonly dirty = new DirtyPages();
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
  private readonly viewPages: number[] = Array<number>(VIEWS).fill(0);

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
    const page = (index - place) / this.perSlab;
    const slab = this.slabs[page];
    if (slab === undefined || slab.used[place] !== 1) return undefined;
    return this.viewOf(index, slab, page, place);
  }

  put(index: number, record: Uint8Array): void {
    if (record.length !== this.recordBytes)
      throw new RangeError(`a record has ${this.recordBytes} bytes, not ${record.length}`);
    this.edit(index).set(record);
  }

  edit(index: number): Uint8Array {
    const record = this.get(index);
    if (record === undefined) return this.start(index);
    if (this.journal.isRecording) this.keep(index, record);
    // `get` has left the view here.
    this.dirty.touch(this.viewPages[index & (VIEWS - 1)] as number);
    return record;
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
    // The write that is undone has touched the page, and nothing is frozen inside an operation.
    const slab = this.slabAt((index - place) / this.perSlab);
    this.use(slab, place);
    slab.data.set(this.journal.kept(before, this.recordBytes), place * this.recordBytes);
  }

  encodePage(page: number): Uint8Array | undefined {
    const slab = this.slabs[page];
    return slab && encodeRecordPage(slab, this.recordBytes);
  }

  loadPage(page: number, bytes: Uint8Array | undefined): void {
    if (bytes !== undefined) checkRecordPage(bytes, this.perSlab, this.recordBytes);
    else if (this.slabs[page] === undefined) return;
    this.viewIndexes.fill(NO_INDEX);
    const slab = this.slabAt(page);
    this.usedCount -= slab.usedCount;
    readRecordPage(bytes, slab, this.recordBytes);
    this.usedCount += slab.usedCount;
    if (bytes === undefined) this.drop(page, slab);
  }

  rebuild(): void {
    // Each page stands for itself, and any set of them is a table.
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

  private start(index: number): Uint8Array {
    if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`no index: ${index}`);
    const place = index % this.perSlab;
    const page = (index - place) / this.perSlab;
    if (page >= PAGES_MAX) throw new RangeError(`no index: ${index}`);
    if (this.journal.isRecording) this.keep(index, undefined);
    this.dirty.touch(page);
    const slab = this.slabAt(page);
    this.use(slab, place);
    return this.viewOf(index, slab, page, place);
  }

  /** Only of records in use: `clear` forgets the view. */
  private viewOf(index: number, { data }: Slab, page: number, place: number): Uint8Array {
    // Half the cost of `subarray`.
    const from = data.byteOffset + place * this.recordBytes;
    const view = new Uint8Array(data.buffer, from, this.recordBytes);
    this.views[index & (VIEWS - 1)] = view;
    this.viewIndexes[index & (VIEWS - 1)] = index;
    this.viewPages[index & (VIEWS - 1)] = page;
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
    const page = (index - place) / this.perSlab;
    const slab = this.slabs[page];
    if (slab === undefined || slab.used[place] !== 1) return;
    this.dirty.touch(page);
    if (this.viewIndexes[index & (VIEWS - 1)] === index)
      this.viewIndexes[index & (VIEWS - 1)] = NO_INDEX;
    slab.data.fill(0, place * this.recordBytes, (place + 1) * this.recordBytes);
    slab.used[place] = 0;
    slab.usedCount -= 1;
    this.usedCount -= 1;
    if (slab.usedCount === 0) this.drop(page, slab);
  }

  /** Its room, which is blank, is used again. */
  private drop(page: number, slab: Slab): void {
    this.slabs[page] = undefined;
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
