import { reasonOf } from '../fault';
import type { KeptPage } from '../page-directory';
import type { ScrubbedReplica } from './damage';
import type { DamageLedger } from './damage-ledger';
import { checkFlushes, FLUSHES_START, type FlushCursor } from './flush-check';
import { checkPages } from './page-check';
import type { ScrubbedDatabase } from './scrubbed-database';
import type { ScrubbedFolder } from './scrubbed-folder';
import { isUnreadable, StructuralDamage } from './structural';

/** What SQLite looks at in one go while writes wait: some ten milliseconds. A larger file is read row by row only. */
const STRUCTURE_BYTES_MAX = 8 << 20;
const PAGES_PER_PORTION = 16;
const SMALL_FILES_BYTES = 33 << 10;

/**
 * Reads all that is on the disk once, a portion at a time, each between two writes, so that what is read and what the
 * replica knows of it are of one moment. Gives the bytes of each portion; damage goes into the ledger. (E42; ADR 20)
 */
export class ScrubPass {
  private readonly folder: ScrubbedFolder;
  private readonly ledger: DamageLedger;
  private readonly execution: ScrubbedReplica['execution'];
  private readonly attend: () => Promise<void>;

  /** `attend` has what is in the ledger mended. */
  constructor(
    folder: ScrubbedFolder,
    ledger: DamageLedger,
    execution: ScrubbedReplica['execution'],
    attend: () => Promise<void>,
  ) {
    this.folder = folder;
    this.ledger = ledger;
    this.execution = execution;
    this.attend = attend;
  }

  async *portions(): AsyncGenerator<number, void, undefined> {
    yield await this.folder.between(() => this.smallFiles());
    yield await this.inDatabase((database) => this.structure(database));
    yield* this.flushes();
    yield* this.pages();
  }

  private async smallFiles(): Promise<number> {
    const { folder, ledger } = this;
    const damaged = await folder.damagedPromises();
    for (const copy of damaged) ledger.note({ kind: 'promise', copy });
    if (damaged.length > 0) {
      await folder.restorePromises();
      const still = await folder.damagedPromises();
      for (const copy of damaged)
        if (!still.includes(copy)) ledger.mended({ kind: 'promise', copy });
    }
    if (!(await folder.isMarkSound())) {
      ledger.note({ kind: 'mark' });
      folder.restoreMark();
      if (await folder.isMarkSound()) ledger.mended({ kind: 'mark' });
    }
    return SMALL_FILES_BYTES;
  }

  private async structure({ file }: ScrubbedDatabase): Promise<number> {
    const { folder, ledger } = this;
    await folder.fold();
    await file.dropCache();
    const bytes = await file.bytes();
    const reason = bytes <= STRUCTURE_BYTES_MAX ? await file.structuralDamage() : undefined;
    if (reason !== undefined) throw new StructuralDamage(reason);
    if (!(await folder.isRecordSound())) {
      ledger.note({ kind: 'checkpoint' });
      await folder.restoreRecord();
      if (await folder.isRecordSound()) ledger.mended({ kind: 'checkpoint' });
    }
    return bytes <= STRUCTURE_BYTES_MAX ? bytes : 0;
  }

  private async *flushes(): AsyncGenerator<number, void, undefined> {
    let cursor: FlushCursor | undefined = FLUSHES_START;
    while (cursor !== undefined) {
      const after: FlushCursor = cursor;
      cursor = undefined;
      yield await this.inDatabase(async (database) => {
        const { bytes, damaged, next } = await checkFlushes(database, after);
        for (const row of damaged) this.ledger.note({ kind: 'flush', row });
        cursor = next;
        return bytes;
      });
    }
  }

  private async *pages(): AsyncGenerator<number, void, undefined> {
    const directory = this.folder.database?.pages;
    const kept = directory?.kept();
    let isOver = kept === undefined;
    while (!isOver)
      yield await this.inDatabase(async (database) => {
        const { isWhole, store } = this.execution;
        const isToBeRead = isWhole && database.pages === directory;
        const some = isToBeRead ? nextOf(kept, PAGES_PER_PORTION) : [];
        isOver = some.length < PAGES_PER_PORTION;
        const { bytes, damaged } = await checkPages(database, some, store);
        for (const { table, page, row } of damaged)
          this.ledger.note({ kind: 'page', table, page, row });
        return bytes;
      });
  }

  /** From the file, not from SQLite's memory of it. What SQLite cannot read ends this part of the pass. */
  private inDatabase(check: (database: ScrubbedDatabase) => Promise<number>): Promise<number> {
    return this.folder.between(async () => {
      const { database } = this.folder;
      if (database === undefined) return 0;
      try {
        await database.file.dropCache();
        return await check(database);
      } catch (fault) {
        if (!isUnreadable(fault)) throw fault;
        this.ledger.note({ kind: 'structure', reason: reasonOf(fault), of: database.pages });
        // At once: the next write might fail over it.
        await this.attend();
        return 0;
      }
    });
  }
}

function nextOf(pages: Iterator<KeptPage> | undefined, count: number): KeptPage[] {
  const some: KeptPage[] = [];
  while (some.length < count) {
    const next = pages?.next();
    if (next === undefined || next.done === true) break;
    some.push(next.value);
  }
  return some;
}
