import { execFile } from 'node:child_process';
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DISK_SOURCES } from '../places';
import type { Replica } from './replica';

const run = promisify(execFile);

/** Whether disks can be made to fail here: by LD_PRELOAD, so on Linux alone, and with a compiler. */
export const canDisksFail = process.platform === 'linux' && existsSync(DISK_SOURCES);

/** Where the fault library is told what to do to one replica. */
export const controlFile = (folder: string, { plan }: Replica): string =>
  join(folder, `disk-${plan.number}.faults`);

/** Compiles the library that stands between a process and its files. */
export async function buildDisk(folder: string): Promise<string> {
  const library = join(folder, 'disk.so');
  const sources = readdirSync(DISK_SOURCES).filter((name) => name.endsWith('.c'));
  const paths = sources.map((name) => join(DISK_SOURCES, name));
  await run('cc', ['-shared', '-fPIC', '-O2', '-o', library, ...paths, '-lpthread']);
  return library;
}

/** From its next life on this replica is on a disk that can be told to fail. */
export function putOnDisk(folder: string, replica: Replica, library: string): void {
  replica.env = {
    LD_PRELOAD: library,
    DISK_ROOT: folder,
    DISK_FAULTS: controlFile(folder, replica),
  };
}

/** Tells a disk how to fail; nothing heals it. Renamed into place: nobody reads half a rule. */
export function tell(file: string, rules: string): void {
  writeFileSync(`${file}.new`, rules);
  renameSync(`${file}.new`, file);
}
