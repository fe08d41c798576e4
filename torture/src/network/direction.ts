import type { Socket } from 'node:net';
import type { Condition } from './condition';

const HELD_BYTES_MAX = 4 << 20;

interface Held {
  readonly bytes: Buffer;
  readonly dueMs: number;
}

/** One direction of a connection: takes from one socket, gives to the other when its condition lets it. */
export class Direction {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #condition: () => Condition;
  readonly #held: Held[] = [];
  #heldBytes = 0;
  #freeMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  constructor(from: Socket, to: Socket, condition: () => Condition) {
    this.#from = from;
    this.#to = to;
    this.#condition = condition;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.on('end', () => {
      this.#isEnded = true;
      this.pump();
    });
    to.on('drain', () => this.pump());
  }

  /** Gives what is due; called again when the condition has changed. */
  pump(): void {
    clearTimeout(this.#timer);
    if (this.#condition().kind === 'mute' || this.#to.destroyed) return;
    while (this.#held.length > 0 && !this.#to.writableNeedDrain) {
      const [first] = this.#held;
      if (first === undefined) break;
      const waitMs = first.dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        return;
      }
      this.#held.shift();
      this.#heldBytes -= first.bytes.length;
      this.#to.write(first.bytes);
    }
    if (this.#heldBytes < HELD_BYTES_MAX && this.#from.isPaused()) this.#from.resume();
    if (this.#isEnded && this.#held.length === 0) this.#to.end();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #take(bytes: Buffer): void {
    const condition = this.#condition();
    let dueMs = 0;
    if (condition.kind === 'slow') {
      const now = performance.now();
      this.#freeMs = Math.max(this.#freeMs, now) + (1000 * bytes.length) / condition.bytesPerSecond;
      dueMs = this.#freeMs + condition.delayMs;
    }
    this.#held.push({ bytes, dueMs });
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > HELD_BYTES_MAX) this.#from.pause();
    this.pump();
  }
}
