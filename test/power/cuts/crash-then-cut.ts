import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FileStorage } from '../../../apps/server/src/storage/file-storage';
import { openedWith, optionsOf } from '../../server/storage-fixture';
import { CutDisk, writeFiles } from './cut-disk';
import { findOf } from './expectation';
import { recordLives, scratchFolder } from './recorded-lives';

/** What the start after the crash found, and acted upon; and what the one after the power cut found of it. */
export interface CrashAndCut {
  readonly found: string;
  readonly left: string;
  readonly reports: readonly string[];
}

/**
 * A replica dies by a fault of its disk; the next start finds more than the disk has, for the kernel holds it in memory;
 * then the power goes, and nothing unsynced arrives. What a start has told the group must be there at the next.
 */
export async function crashThenCut(
  root: string,
  seed: number,
  fault: string,
): Promise<CrashAndCut> {
  const base = scratchFolder();
  try {
    const disk = new CutDisk();
    disk.place('data/init', Buffer.from('once'));
    let found = '';
    const lives = [
      { life: 0, faults: [fault] },
      { life: NOT_IN_SCRIPT, faults: [] },
    ];
    for (const event of await recordLives({ root, seed, recover: false, base }, lives)) {
      disk.take(event);
      if (event.kind === 'note') found = /^done \d+ (.*)/.exec(event.text)?.[1] ?? found;
    }
    const folder = join(base, 'cut');
    mkdirSync(join(folder, 'data'), { recursive: true });
    writeFiles(folder, disk.filesWith([]));
    const reports: string[] = [];
    const storage = new FileStorage(
      optionsOf(join(folder, 'data'), 'durable', ({ text }) => {
        reports.push(text);
      }),
    );
    const left = findOf(await openedWith(storage), 'durable');
    await storage.close();
    return { found, left, reports };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

const NOT_IN_SCRIPT = 9;
