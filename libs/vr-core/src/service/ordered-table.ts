import type { ByteString } from '../encoding/byte-string';
import { BTree } from './b-tree';
import type { PagedTable } from './paged-table';
import type { Entry, Ordered } from './tables';
import type { Undoable, UndoJournal } from './undo-journal';

/** Values by key in a B+tree, with undo. */
export class OrderedTable implements Ordered, Undoable<ByteString, Uint8Array>, PagedTable {
  readonly kind = 'ordered';
  readonly recordBytes = 0;
  private readonly tree = new BTree();
  readonly dirty = this.tree.dirty;
  private readonly journal: UndoJournal;

  constructor(journal: UndoJournal) {
    this.journal = journal;
  }

  get size(): number {
    return this.tree.size;
  }

  get(key: ByteString): Uint8Array | undefined {
    return this.tree.get(key);
  }

  put(key: ByteString, value: Uint8Array): void {
    const before = this.tree.put(key, value);
    if (this.journal.isRecording) this.journal.record(this, key, before);
  }

  delete(key: ByteString): boolean {
    const before = this.tree.delete(key);
    if (before === undefined) return false;
    if (this.journal.isRecording) this.journal.record(this, key, before);
    return true;
  }

  first(): Entry | undefined {
    return this.tree.first();
  }

  next(key: ByteString): Entry | undefined {
    return this.tree.next(key);
  }

  range(from: ByteString, to?: ByteString): Iterable<Entry> {
    return this.tree.range(from, to);
  }

  restore(key: ByteString, before: Uint8Array | undefined): void {
    if (before === undefined) this.tree.delete(key);
    else this.tree.put(key, before);
  }

  encodePage(page: number): Uint8Array | undefined {
    return this.tree.encodePage(page);
  }

  loadPage(page: number, bytes: Uint8Array | undefined): void {
    this.tree.loadPage(page, bytes);
  }

  rebuild(): void {
    this.tree.rebuild();
  }
}
