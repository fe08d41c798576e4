import type { ByteString, HashFunction } from '@lockstep/vr-core';
import type { CheckpointRecord } from '../checkpoint-record';
import type { DatabaseFile } from '../database-file';
import type { PageDirectory } from '../page-directory';
import type { LogTail } from '../promise-record';
import type { RowIndex } from '../row-index';

/** A database and what its replica knows to be in it, between two writes. */
export interface ScrubbedDatabase {
  readonly file: DatabaseFile;
  readonly rows: RowIndex;
  readonly pages: PageDirectory;
  /** The newest row of the log. */
  readonly tail: LogTail;
  readonly chainStart: ByteString;
  readonly hash: HashFunction;
  /** Of the checkpoint in force; undefined without one, or when the one that was found is damaged. */
  readonly record: CheckpointRecord | undefined;
}
