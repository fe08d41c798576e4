import type { ScrubbedDatabase } from './scrubbed-database';

/** The files of a replica at work, and what it knows to be in them. */
export interface ScrubbedFolder {
  /** Does it alone, between two writes. Rejects with `NothingIsWritten` once the storage has failed or is closed. */
  between<T>(work: () => Promise<T>): Promise<T>;
  /** Undefined while the log is lost. Between writes only, as all that follows. */
  readonly database: ScrubbedDatabase | undefined;
  /** Copies of the promise that do not say what was written last. */
  damagedPromises(): Promise<readonly string[]>;
  restorePromises(): Promise<void>;
  isMarkSound(): Promise<boolean>;
  restoreMark(): void;
  isRecordSound(): Promise<boolean>;
  restoreRecord(): Promise<void>;
  /** Writes the write-ahead log back: damage to it, which a crash would take for its end, ends with it. */
  fold(): Promise<void>;
  /**
   * Holds all writes until the replica gives its whole log, for a new database file, which the next write makes; or for a
   * second. `ask` asks for it.
   */
  awaitWholeLog(ask: () => void): Promise<void>;
}
