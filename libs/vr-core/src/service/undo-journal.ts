import type { Savepoint } from './tables';

/** A table that can put back what the journal kept: `before` is what was under `key`, undefined for nothing. */
export interface Undoable<K> {
  restore(key: K, before: Uint8Array | undefined): void;
}

/**
 * What every write since the oldest open savepoint has replaced, newest last. Rolling back puts it back in reverse,
 * so content is restored exactly; without an open savepoint nothing is kept and writes cost nothing more.
 */
export class UndoJournal {
  private readonly tables: Undoable<unknown>[] = [];
  private readonly keys: unknown[] = [];
  private readonly values: (Uint8Array | undefined)[] = [];
  private openCount = 0;

  get isRecording(): boolean {
    return this.openCount > 0;
  }

  record<K>(table: Undoable<K>, key: K, before: Uint8Array | undefined): void {
    this.tables.push(table);
    this.keys.push(key);
    this.values.push(before);
  }

  /** Savepoints are ended innermost first; ending an outer one ends those inside it. */
  savepoint(): Savepoint {
    this.openCount += 1;
    return new JournalSavepoint(this, this.openCount, this.tables.length);
  }

  /** Ends the savepoint at this depth; used by savepoints only. */
  end(depth: number, keptLength: number | undefined): void {
    if (depth > this.openCount) throw new Error('this savepoint has ended already');
    this.openCount = depth - 1;
    if (keptLength !== undefined) this.undoTo(keptLength);
    else if (this.openCount === 0) this.cut(0);
  }

  private undoTo(length: number): void {
    for (let at = this.tables.length - 1; at >= length; at -= 1)
      (this.tables[at] as Undoable<unknown>).restore(this.keys[at], this.values[at]);
    this.cut(length);
  }

  private cut(length: number): void {
    this.tables.length = length;
    this.keys.length = length;
    this.values.length = length;
  }
}

class JournalSavepoint implements Savepoint {
  private readonly journal: UndoJournal;
  private readonly depth: number;
  private readonly length: number;
  private isOpen = true;

  constructor(journal: UndoJournal, depth: number, length: number) {
    this.journal = journal;
    this.depth = depth;
    this.length = length;
  }

  rollback(): void {
    this.close();
    this.journal.end(this.depth, this.length);
  }

  release(): void {
    this.close();
    this.journal.end(this.depth, undefined);
  }

  private close(): void {
    if (!this.isOpen) throw new Error('this savepoint has ended already');
    this.isOpen = false;
  }
}
