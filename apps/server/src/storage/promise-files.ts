import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Malformed } from '@lockstep/vr-core';
import { diskFailure } from './disk-failure';
import { readIfThere, syncFolder } from './folder';
import { decodePromise, encodePromise, type PromiseRecord } from './promise-record';
import { RefusedToStart } from './replica-storage';

const NAMES = ['promise.a', 'promise.b'] as const;

/**
 * Two copies of the promise, written and synced one after the other. A crash tears one at most, and only before
 * anyone acted upon it; a copy that rots later leaves the other with the same promise. Writing them in turn, one a time,
 * would leave an older promise behind the rotten one: an amnesiac. (E1; decisions 3 and 11)
 */
export class PromiseFiles {
  private readonly folder: string;
  private files: readonly FileHandle[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  /** The newest readable copy; how many of the copies that should be there are damaged. */
  async read(): Promise<{ readonly newest: PromiseRecord | undefined; readonly damaged: number }> {
    let newest: PromiseRecord | undefined;
    let damaged = 0;
    for (const name of NAMES) {
      const bytes = await readIfThere(join(this.folder, name));
      if (bytes === undefined) continue;
      const record = decodeOrRefuse(name, bytes);
      if (record === undefined) damaged += 1;
      else if (newest === undefined || record.sequence > newest.sequence) newest = record;
    }
    return { newest, damaged };
  }

  /** Both copies are synced when this resolves. */
  async write(record: PromiseRecord): Promise<void> {
    if (this.files.length === 0) await this.create();
    const bytes = encodePromise(record);
    for (const [copy, file] of this.files.entries()) {
      try {
        await writeWhole(file, bytes);
        await file.datasync();
      } catch (fault) {
        throw await diskFailure(join(this.folder, NAMES[copy] ?? ''), 'written', fault);
      }
    }
  }

  /** Names of the copies that do not say this, to the bit. Not while one is being written. */
  async damaged(record: PromiseRecord): Promise<readonly string[]> {
    const meant = encodePromise(record);
    const damaged: string[] = [];
    for (const name of NAMES) {
      // One that cannot be read is as good as none: writing it again may give it another place on the disk.
      const bytes = await readIfThere(join(this.folder, name)).catch(() => undefined);
      if (bytes === undefined || !meant.equals(bytes)) damaged.push(name);
    }
    return damaged;
  }

  /** Writes both copies, also where the file itself is gone. */
  async restore(record: PromiseRecord): Promise<void> {
    await this.close();
    await this.write(record);
  }

  async close(): Promise<void> {
    for (const file of this.files) await file.close();
    this.files = [];
  }

  private async create(): Promise<void> {
    const flags = constants.O_RDWR | constants.O_CREAT;
    this.files = await Promise.all(
      NAMES.map((name) => open(join(this.folder, name), flags, 0o600)),
    );
    await syncFolder(this.folder);
  }
}

/** A disk that is getting full writes a part, and says so without an error (write(2), "Return value"). */
async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, done);
    if (bytesWritten === 0) throw new Error('nothing was written');
    done += bytesWritten;
  }
}

function decodeOrRefuse(name: string, bytes: Buffer): PromiseRecord | undefined {
  try {
    return decodePromise(bytes);
  } catch (fault) {
    if (!(fault instanceof Malformed)) throw fault;
    throw new RefusedToStart(
      `${name} was written by another version of the program: ${fault.message}. Start that version; nothing was changed.`,
    );
  }
}
