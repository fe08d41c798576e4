import { fork } from 'node:child_process';
import { join } from 'node:path';

/** Memory of the lock manager's state alone, in bytes: without log, disk, sockets and the Merkle tree. */
export interface Memory {
  readonly what: Held;
  readonly count: number;
  /** Of one, on average: what is left after a collection of garbage. */
  readonly heapBytes: number;
  readonly bufferBytes: number;
}

export const HELD = ['held lock', 'waiter', 'session'] as const;
export type Held = (typeof HELD)[number];

/** Each in a process of its own, which can collect its garbage when told to. */
export async function measureMemory(count: number): Promise<Memory[]> {
  const measured: Memory[] = [];
  for (const what of HELD) measured.push(await measureOne(what, count));
  return measured;
}

function measureOne(what: Held, count: number): Promise<Memory> {
  const child = fork(join(__dirname, 'memory-process.js'), [what, String(count)], {
    execArgv: ['--expose-gc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (measured) => resolve(measured as Memory));
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)));
  });
}
