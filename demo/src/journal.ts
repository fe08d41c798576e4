import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Operation } from '@lockstep/client';

/**
 * What a worker asked and what it was told, one line of JSON each, written before the next step is taken. Times are of
 * the machine's monotonic clock, which all processes share.
 */
export type JournalLine =
  /** A grant: from here on the worker acts as the holder. `op` is its place in the order, where it was told. */
  | { kind: 'granted'; lock: string; fence: string; op?: string; atMs: number }
  /** The worker acts as the holder no more. */
  | { kind: 'releasing'; lock: string; fence: string; atMs: number }
  | { kind: 'released'; lock: string; fence: string; op: string; outcome: string }
  /** An operation on files, under these fences. */
  | { kind: 'asked'; n: number; op: Operation; fences: readonly string[] }
  | { kind: 'done'; n: number; op: string }
  /** Refused: nothing has changed. Under the lock of its directory no operation should be. */
  | { kind: 'refused'; n: number; code: string }
  /** No answer within a minute: it may have happened. */
  | { kind: 'unknown'; n: number }
  /** A read, after an acknowledged operation, that did not show it. */
  | { kind: 'unseen'; n: number; code: string }
  /** The session ended, and with it the locks it held. */
  | { kind: 'session-lost'; cause: string; atMs: number };

export class JournalWriter {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a', 0o600);
  }

  /** The worker may be stopped at any moment, so nothing is kept back. */
  write(line: JournalLine): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

export function readJournal(path: string): JournalLine[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JournalLine);
}

/** Milliseconds of the machine's monotonic clock. */
export const machineMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

/** Compares `<op>.<index>`. */
export function byPlace(a: string, b: string): number {
  const [opA = 0, indexA = 0] = a.split('.').map(Number);
  const [opB = 0, indexB = 0] = b.split('.').map(Number);
  return opA - opB || indexA - indexB;
}
