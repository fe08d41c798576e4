import { readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Findings } from './findings';
import type { Group } from './group/group';

const EVERY_MS = 5_000;
/** Far above what the work of a run needs, and far below what something that grows for ever reaches. */
const RESIDENT_BYTES_MAX = 1.5 * 2 ** 30;
const FOLDER_BYTES_MAX = 4 * 2 ** 30;

/** Memory of the replicas' processes and size of their folders, looked at all the time. */
export class Resources {
  residentBytesMax = 0;
  folderBytesMax = 0;
  readonly #group: Group;
  readonly #findings: Findings;
  readonly #timer: NodeJS.Timeout;

  constructor(group: Group, findings: Findings) {
    this.#group = group;
    this.#findings = findings;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    for (const { pid, plan, name } of this.#group.members) {
      const resident = pid === undefined ? 0 : residentBytesOf(pid);
      this.residentBytesMax = Math.max(this.residentBytesMax, resident);
      const bytes = await folderBytes(plan.folder);
      this.folderBytesMax = Math.max(this.folderBytesMax, bytes);
      if (resident > RESIDENT_BYTES_MAX || bytes > FOLDER_BYTES_MAX) {
        const what = `${name} has ${megabytes(resident)} MB in memory and ${megabytes(bytes)} MB on disk`;
        this.#findings.add('bounded', what);
      }
    }
  }
}

/** 0 where there is no /proc, and when the process has ended meanwhile. (proc(5), status) */
export function residentBytesOf(pid: number): number {
  try {
    const [, kilobytes] =
      /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

export async function folderBytes(folder: string): Promise<number> {
  try {
    const names = await readdir(folder);
    const sizes = await Promise.all(names.map((name) => sizeOf(join(folder, name))));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch {
    return 0;
  }
}

/** Files come and go while they are looked at. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

export const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
