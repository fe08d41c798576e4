import { REQUEST_WINDOW } from './protocol';

/**
 * The request-numbers of one session. Each is used for one request, and tells the group up to where every answer has
 * been seen, so that it may forget them. At most W are open at once. (decision 1)
 */
export class RequestNumbers {
  #next = 1;
  #lowestOpen = 1;
  readonly #settledAbove = new Set<number>();
  readonly #abandoned = new Set<number>();

  /** Every number below has its answer, or has been given up. */
  get ackedBelow(): number {
    return this.#lowestOpen;
  }

  /** The next number, or undefined when W are open: then wait for `settle`. */
  take(): number | undefined {
    if (!this.#hasRoom()) this.#giveUpAbandoned();
    return this.#hasRoom() ? this.#next++ : undefined;
  }

  /** The answer is here, and needs never be asked for again. */
  settle(requestNumber: number): void {
    if (requestNumber < this.#lowestOpen) return;
    this.#abandoned.delete(requestNumber);
    this.#settledAbove.add(requestNumber);
    while (this.#settledAbove.delete(this.#lowestOpen)) this.#lowestOpen++;
  }

  /**
   * Nobody waits for the answer now, but somebody may ask again under the same number: it stays open until the room
   * is needed. Once acknowledged it could not be told from a late duplicate.
   */
  abandon(requestNumber: number): void {
    if (requestNumber >= this.#lowestOpen && !this.#settledAbove.has(requestNumber)) {
      this.#abandoned.add(requestNumber);
    }
  }

  #hasRoom(): boolean {
    return this.#next < this.#lowestOpen + REQUEST_WINDOW;
  }

  #giveUpAbandoned(): void {
    while (!this.#hasRoom() && this.#abandoned.has(this.#lowestOpen)) {
      this.settle(this.#lowestOpen);
    }
  }
}
