import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The most memory that a process has had resident at once, in bytes. (VmHWM, proc_pid_status(5)) */
export const peakRssOf = (pid: number): number => statusOf(pid, 'VmHWM');

/** The memory that a process has resident now, in bytes. */
export const rssOf = (pid: number): number => statusOf(pid, 'VmRSS');

function statusOf(pid: number, field: string): number {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').split('\n');
  const [, kibibytes] = lines.find((line) => line.startsWith(`${field}:`))?.split(/\s+/) ?? [];
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
