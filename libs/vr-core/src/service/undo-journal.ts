import type { Savepoint } from './tables';

/** A table that can put back what the journal kept: `before` is what was under `key`, undefined for nothing. */
export interface Undoable<K, B> {
  restore(key: K, before: B | undefined): void;
}

/** Entries and bytes that stay allocated between operations. */
const SPARE_ENTRIES_MAX = 1 << 12;
const SPARE_BYTES_MIN = 1 << 12;
const SPARE_BYTES_MAX = 1 << 16;

/**
 * What every write since the oldest open savepoint has replaced, newest last. Rolling back puts it back in reverse,
 * so content is restored exactly; without an open savepoint nothing is kept and writes cost nothing more.
 *
 * Both the entries and the bytes lie in room that the next operation uses again: an array made for each write
 * would cost more than the write.
 */
export class UndoJournal {
  private tables: (Undoable<unknown, unknown> | undefined)[] = [];
  private keys: unknown[] = [];
  private befores: unknown[] = [];
  private length = 0;
  private bytes = new Uint8Array(SPARE_BYTES_MIN);
  private byteLength = 0;
  private openCount = 0;

  get isRecording(): boolean {
    return this.openCount > 0;
  }

  record<K, B>(table: Undoable<K, B>, key: K, before: B | undefined): void {
    const at = this.length;
    this.tables[at] = table;
    this.keys[at] = key;
    this.befores[at] = before;
    this.length = at + 1;
  }

  /** Copies what is about to be overwritten in place, and tells where `kept` finds it. */
  keep(data: Uint8Array): number {
    const at = this.byteLength;
    const end = at + data.length;
    if (end > this.bytes.length) this.growBytes(end);
    this.bytes.set(data, at);
    this.byteLength = end;
    return at;
  }

  /** A view of what was kept there, good until the next write to the journal. */
  kept(at: number, byteCount: number): Uint8Array {
    return this.bytes.subarray(at, at + byteCount);
  }

  /** Savepoints are ended innermost first; ending an outer one ends those inside it. */
  savepoint(): Savepoint {
    this.openCount += 1;
    return new JournalSavepoint(this, this.openCount, this.length, this.byteLength);
  }

  /** Ends the savepoint at this depth and keeps what was written; used by savepoints only. */
  release(depth: number): void {
    this.end(depth);
    if (this.openCount === 0) this.cut(0, 0);
  }

  /** Ends the savepoint at this depth and goes back to the lengths it was made at; used by savepoints only. */
  rollback(depth: number, length: number, byteLength: number): void {
    this.end(depth);
    for (let at = this.length - 1; at >= length; at -= 1)
      (this.tables[at] as Undoable<unknown, unknown>).restore(this.keys[at], this.befores[at]);
    this.cut(length, byteLength);
  }

  private end(depth: number): void {
    if (depth > this.openCount) throw new Error('this savepoint has ended already');
    this.openCount = depth - 1;
  }

  private cut(length: number, byteLength: number): void {
    // What is cut off must not be held from the garbage collector.
    for (let at = length; at < this.length; at += 1) {
      this.keys[at] = undefined;
      this.befores[at] = undefined;
    }
    this.length = length;
    this.byteLength = byteLength;
    if (length === 0 && this.tables.length > SPARE_ENTRIES_MAX) {
      this.tables = [];
      this.keys = [];
      this.befores = [];
    }
    if (byteLength === 0 && this.bytes.length > SPARE_BYTES_MAX)
      this.bytes = new Uint8Array(SPARE_BYTES_MIN);
  }

  private growBytes(wanted: number): void {
    const grown = new Uint8Array(Math.max(wanted, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.byteLength));
    this.bytes = grown;
  }
}

class JournalSavepoint implements Savepoint {
  private readonly journal: UndoJournal;
  private readonly depth: number;
  private readonly length: number;
  private readonly byteLength: number;
  private isOpen = true;

  constructor(journal: UndoJournal, depth: number, length: number, byteLength: number) {
    this.journal = journal;
    this.depth = depth;
    this.length = length;
    this.byteLength = byteLength;
  }

  rollback(): void {
    this.close();
    this.journal.rollback(this.depth, this.length, this.byteLength);
  }

  release(): void {
    this.close();
    this.journal.release(this.depth);
  }

  private close(): void {
    if (!this.isOpen) throw new Error('this savepoint has ended already');
    this.isOpen = false;
  }
}
