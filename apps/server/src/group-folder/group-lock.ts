import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../storage/fault';
import { ConfigError } from '../config/replica-config';

const LOCK_FILE = 'lock';

export interface GroupLock {
  /** True when an earlier supervisor died without giving the lock back: its replicas may still be ending. */
  readonly wasStale: boolean;
  release(): void;
}

/** One supervisor a folder. A lock whose process is gone is taken over; throws `ConfigError` when it is alive. */
export function lockGroup(folder: string): GroupLock {
  const path = join(folder, LOCK_FILE);
  const wasStale = !tryCreate(path);
  if (wasStale) {
    const holder = holderOf(path);
    if (holder !== undefined)
      throw new ConfigError('--data', `${folder} is served by a running group (process ${holder})`);
    rmSync(path, { force: true });
    if (!tryCreate(path)) throw new ConfigError('--data', `${folder} is being taken by another`);
  }
  return {
    wasStale,
    release: () => {
      rmSync(path, { force: true });
    },
  };
}

function tryCreate(path: string): boolean {
  try {
    const owner = { pid: process.pid, started: startOf(process.pid) };
    writeFileSync(path, `${JSON.stringify(owner)}\n`, { flag: 'wx' });
    return true;
  } catch (fault) {
    if (codeOf(fault) === 'EEXIST') return false;
    throw fault;
  }
}

/** The process that holds the lock; undefined when it has ended, or the lock is no lock. */
function holderOf(path: string): number | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly pid?: unknown;
      readonly started?: unknown;
    };
    if (typeof pid !== 'number' || !isAlive(pid)) return undefined;
    // The number may have been given to another process since.
    return started === undefined || started === startOf(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return codeOf(fault) === 'EPERM';
  }
}

/** When a process was started, in the kernel's ticks (proc(5), field 22 of stat); undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
