import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** `LD_PRELOAD` is the dynamic linker's of Linux (ld.so(8)). */
export const canFail = process.platform === 'linux';

/** What a process is started with so that its files below `root` are on this disk. */
export interface DiskWiring {
  /** As `buildDisk` made it. */
  readonly library: string;
  readonly root: string;
  /** The control file: need not be there yet, and is heeded at once whenever it changes. */
  readonly faults?: string;
  /** Every change is appended to this file. */
  readonly record?: string;
}

export function diskEnvironment(wiring: DiskWiring): Record<string, string> {
  const { library, root, faults, record } = wiring;
  return {
    LD_PRELOAD: library,
    DISK_ROOT: root,
    ...(faults === undefined ? {} : { DISK_FAULTS: faults }),
    ...(record === undefined ? {} : { DISK_RECORD: record }),
  };
}

/** What goes wrong with a running process, from now on: rules as the README beside this file has them. */
export class DiskFaults {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  set(...rules: readonly string[]): void {
    // Renamed into place: a process never reads half a rule.
    writeFileSync(`${this.file}.new`, rules.map((rule) => `${rule}\n`).join(''));
    renameSync(`${this.file}.new`, this.file);
  }

  heal(): void {
    this.set();
  }

  /** What has gone wrong so far: process, fault and path. */
  get hits(): readonly string[] {
    const file = `${this.file}.hits`;
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }
}

/** Compiles the library, once for each version of its sources. `root` is the top of the repository. */
export function buildDisk(root: string): string {
  const folder = join(root, 'test/power/disk');
  const sources = readdirSync(folder).map((name) => join(folder, name));
  const version = createHash('sha256');
  for (const source of sources) version.update(readFileSync(source));
  const cache = join(root, 'node_modules/.cache/lockstep-disk');
  const library = join(cache, `${version.digest('hex').slice(0, 16)}.so`);
  if (existsSync(library)) return library;
  mkdirSync(cache, { recursive: true });
  const made = `${library}.${process.pid}`;
  const units = sources.filter((source) => source.endsWith('.c'));
  execFileSync('cc', [...COMPILE, '-o', made, ...units, '-lpthread']);
  renameSync(made, library);
  return library;
}

const COMPILE = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror'];
