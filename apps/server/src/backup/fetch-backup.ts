import { open, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LogPlace } from '@lockstep/vr-core';
import { syncFolder } from '../storage/folder';
import type { BackupHeader } from './backup-header';
import { readBackup } from './read-backup';

/** How far a download is. */
export interface Progress {
  readonly header: BackupHeader | undefined;
  readonly bytes: number;
  readonly pages: number;
  readonly through: LogPlace | undefined;
}

/**
 * Writes a new file, and checks all of it as it comes. Rejects with what the reading finds, and leaves no file then; when
 * this resolves, the file is whole and synced.
 */
export async function writeChecked(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  onProgress: (progress: Progress) => void,
): Promise<Progress> {
  const file = await open(path, 'wx', 0o600);
  let isWhole = false;
  try {
    const progress = await checked(file, chunks, onProgress);
    await file.sync();
    isWhole = true;
    return progress;
  } finally {
    await file.close();
    if (!isWhole) await rm(path, { force: true });
    await syncFolder(dirname(path));
  }
}

async function checked(
  file: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  onProgress: (progress: Progress) => void,
): Promise<Progress> {
  let progress: Progress = { header: undefined, bytes: 0, pages: 0, through: undefined };
  async function* written(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      await file.writeFile(chunk);
      progress = { ...progress, bytes: progress.bytes + chunk.length };
      yield chunk;
    }
  }
  for await (const item of readBackup(written())) {
    if (item.kind === 'header') progress = { ...progress, header: item.header };
    if (item.kind === 'pages')
      progress = { ...progress, pages: progress.pages + item.pages.length };
    if (item.kind === 'entries') progress = { ...progress, through: item.entries.at(-1) };
    if (item.kind === 'end') progress = { ...progress, through: item.through };
    onProgress(progress);
  }
  return progress;
}
