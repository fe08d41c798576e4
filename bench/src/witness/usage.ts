import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The most memory that a process has had resident at once, in bytes. (VmHWM, proc_pid_status(5)) */
export function peakRssOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return Number(kibibytes ?? Number.NaN) * 1024;
}

/** The peak is counted anew from what is resident now. (proc_pid_clear_refs(5)) */
export function forgetPeakRss(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Of every file in a replica's folder, which has none below it. */
export function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => {
    // A file may go while we look.
    return sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}
