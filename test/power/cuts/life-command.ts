import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FileStorage } from '../../../apps/server/src/storage/file-storage';
import { openedWith, optionsOf } from '../../server/storage-fixture';
import { findOf } from './expectation';
import { scriptOf } from './script';

/**
 * One life of a script, on a disk that is written down: `node life.mjs FOLDER SEED LIFE`; a life that the script has not
 * starts and is killed. Between the calls on the disk
 * stands what was asked and what was acknowledged.
 */
export async function main([folder = '', seed = '', life = '']: string[]): Promise<number> {
  const notes = openSync(join(folder, 'notes'), 'a');
  const note = (words: string): void => void writeSync(notes, `${words}\n`);
  const { mode, recover, lives } = scriptOf(Number(seed));
  const { bursts, closes } = lives[Number(life)] ?? { bursts: [], closes: false };
  const storage = new FileStorage({ ...optionsOf(join(folder, 'data'), mode), recover });
  note('asked');
  const opened = await openedWith(storage);
  note(`done ${opened.life.incarnation} ${findOf(opened, mode)}`);
  for (const burst of bursts) {
    const ends = burst.map(
      (store) =>
        new Promise<void>((resolve, reject) => {
          note('asked');
          storage.store(store, (failure) => {
            if (failure !== undefined) reject(failure);
            note('done');
            resolve();
          });
        }),
    );
    await Promise.all(ends);
  }
  if (closes) {
    note('asked');
    await storage.close();
    note('done');
  }
  // As a kill does: nothing is closed.
  process.exit(0);
}
