import { writeSync } from 'node:fs';

/** A pipe whose reader is slow is asked so often. */
const TRIES_MAX = 1_000;

/**
 * Writes to standard output (1) or standard error (2) before it returns, or not at all: a replica serves also when nobody
 * can read what it says, and ends as it should where there is no room for its last words. (pino's own destination tries
 * for ever then)
 */
export function writeNow(descriptor: 1 | 2, text: string): void {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    try {
      writeSync(descriptor, text);
      return;
    } catch (fault) {
      const isSlow = fault instanceof Error && 'code' in fault && fault.code === 'EAGAIN';
      if (!isSlow) return;
    }
  }
}
