import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDisk, diskEnvironment, DiskFaults } from '../failing-disk';
import { readRecord, type DiskEvent } from './disk-record';

interface Recording {
  /** The top of the repository. */
  readonly root: string;
  readonly seed: number;
  readonly recover: boolean;
  /** Where the disk is made. */
  readonly base: string;
}

export interface RecordedLife {
  /** Its number in the script; one that the script has not starts, and is killed. */
  readonly life: number;
  /** What is wrong with the disk meanwhile. */
  readonly faults: readonly string[];
}

/** What these lives, one after the other, did to one disk. */
export async function recordLives(
  { root, seed, recover, base }: Recording,
  lives: readonly RecordedLife[],
): Promise<DiskEvent[]> {
  const disk = join(base, 'disk');
  mkdirSync(join(disk, 'data'), { recursive: true });
  if (!recover) writeFileSync(join(disk, 'data', 'init'), 'once');
  const record = join(base, 'record');
  const control = new DiskFaults(join(base, 'faults'));
  const wiring = { library: buildDisk(root), root: disk, record, faults: control.file };
  const env = { ...process.env, ...diskEnvironment(wiring) };
  const program = join(root, 'test/power/cuts/life.mjs');
  for (const { life, faults } of lives) {
    control.set(...faults);
    await ended([program, disk, `${seed}`, `${life}`], env, faults.length > 0);
  }
  return readRecord(record);
}

/** Memory, where there is some: a sync of a real disk takes longer than everything else here. */
export function scratchFolder(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lockstep-power-'));
}

function ended(args: string[], env: NodeJS.ProcessEnv, mayFail: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0 || mayFail) resolve();
      else reject(new Error(said));
    });
  });
}
