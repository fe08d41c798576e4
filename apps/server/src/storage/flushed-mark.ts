import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { decode, encode, integer, struct } from '@lockstep/vr-core';
import { readIfThere } from './folder';
import { tailShape, type LogTail } from './promise-record';
import { seal, unseal } from './sealed';

const NAME = 'flushed';
const BYTES = 128;
const FORMAT_VERSION = 1;

const markShape = struct({ formatVersion: integer(1, FORMAT_VERSION), tail: tailShape });

/**
 * The last row whose insert has completed, beside the database. SQLite silently drops the end of a write-ahead log whose
 * checksums fail (sqlite.org/walformat.html, "Checksum Algorithm"); this mark tells that something was there. It is not
 * synced: it outlives the process, and after a power cut it may only be older, never ahead of the database.
 */
export class FlushedMark {
  private readonly descriptor: number;

  private constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  /** What the mark says; undefined when it is missing or damaged, and so says nothing. */
  static async read(folder: string): Promise<LogTail | undefined> {
    const bytes = await readIfThere(join(folder, NAME));
    const body = bytes === undefined ? undefined : unseal(bytes);
    return body === undefined ? undefined : decode(markShape, body).tail;
  }

  static open(folder: string): FlushedMark {
    return new FlushedMark(
      openSync(join(folder, NAME), constants.O_RDWR | constants.O_CREAT, 0o600),
    );
  }

  /** Goes to the page cache only: a few microseconds, less than a trip through the thread pool. */
  write(tail: LogTail): void {
    const bytes = seal(encode(markShape, { formatVersion: FORMAT_VERSION, tail }), BYTES);
    writeSync(this.descriptor, bytes, 0, BYTES, 0);
  }

  /** Whether the file in the folder says what was written last. */
  static async says(folder: string, { born, rowId, checksum }: LogTail): Promise<boolean> {
    const found = await FlushedMark.read(folder);
    return found?.born === born && found.rowId === rowId && found.checksum === checksum;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
