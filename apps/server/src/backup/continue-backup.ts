import { createReadStream } from 'node:fs';
import { open, rm, truncate } from 'node:fs/promises';
import type { LogPlace } from '@lockstep/vr-core';
import type { BackupHeader } from './backup-header';
import { CutBackup, DamagedBackup } from './damaged-backup';
import { readBackup } from './read-backup';

/** What a file holds that can be used. */
export interface FoundBackup {
  /** Of its newest whole part. */
  readonly header: BackupHeader;
  readonly from: number;
  readonly through: LogPlace;
  /** Its whole parts; what follows was cut off. */
  readonly bytes: number;
  readonly isCut: boolean;
}

/** Reads all of a file. Throws `DamagedBackup` unless at least its first part is whole, and what follows only cut. */
export async function findBackup(path: string): Promise<FoundBackup> {
  let found: FoundBackup | undefined;
  let header: BackupHeader | undefined;
  let from: number | undefined;
  try {
    for await (const item of readBackup(createReadStream(path))) {
      if (item.kind === 'header') {
        header = item.header;
        from ??= header.after.opNumber;
      }
      if (item.kind === 'end' && header !== undefined && from !== undefined)
        found = { header, from, through: item.through, bytes: item.bytes, isCut: false };
    }
  } catch (fault) {
    if (!(fault instanceof CutBackup) || found === undefined) throw fault;
    return { ...found, isCut: true };
  }
  if (found === undefined) throw new DamagedBackup('there is nothing in it');
  return found;
}

/**
 * Adds a part to a file that is whole. It is checked together with what it continues before a byte of the file changes; a
 * crash leaves a file that is cut behind its old end.
 */
export async function appendPart(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const beside = `${path}.part`;
  try {
    await save(beside, chunks);
    for await (const _ of readBackup(joined(path, beside)));
    const file = await open(path, 'a');
    try {
      for await (const chunk of createReadStream(beside)) await file.writeFile(chunk as Buffer);
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(beside, { force: true });
  }
}

/** Takes away what was cut off. */
export const cutTo = (path: string, bytes: number): Promise<void> => truncate(path, bytes);

async function save(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}

async function* joined(...paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const path of paths) yield* createReadStream(path) as AsyncIterable<Buffer>;
}
