import { readFileSync, writeFileSync } from 'node:fs';

/** What guards the counter against writes that come too late. */
export type Guard = 'lock' | 'fence';

/**
 * A number in a file, as any program would keep it. Guarded by `lock` it takes whatever it is given, for whoever writes
 * holds the lock; guarded by `fence` it remembers the highest fence it has seen and refuses a lower one.
 */
export class CounterFile {
  readonly #path: string;
  readonly #guard: Guard;
  #highestFence = 0n;
  #refused = 0;

  constructor(path: string, guard: Guard) {
    this.#path = path;
    this.#guard = guard;
    writeFileSync(path, '0');
  }

  get value(): number {
    return Number(readFileSync(this.#path, 'utf8'));
  }

  /** Writes that came with a fence lower than one seen before. */
  get refused(): number {
    return this.#refused;
  }

  /** False when the write is refused; then nothing has changed. */
  write(value: number, fence: bigint): boolean {
    if (this.#guard === 'fence' && fence < this.#highestFence) {
      this.#refused += 1;
      return false;
    }
    this.#highestFence = fence;
    writeFileSync(this.#path, String(value));
    return true;
  }
}
