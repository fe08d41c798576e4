import { EventEmitter } from 'node:events';
import { OPEN, type Condition } from './condition';

/** Everybody who is no replica. */
export const CLIENTS = 'clients';

/** In what condition each direction between two ends is; ends are node ids, or `CLIENTS`. */
export class Network {
  readonly #conditions = new Map<string, Condition>();
  /** Tells proxies to look again. */
  readonly changed = new EventEmitter().setMaxListeners(0);

  conditionOf(from: string, to: string): Condition {
    return this.#conditions.get(`${from}>${to}`) ?? OPEN;
  }

  isCut(a: string, b: string): boolean {
    return this.conditionOf(a, b).kind === 'cut' || this.conditionOf(b, a).kind === 'cut';
  }

  set(from: string, to: string, condition: Condition): void {
    this.#conditions.set(`${from}>${to}`, condition);
    this.changed.emit('changed');
  }

  both(a: string, b: string, condition: Condition): void {
    this.set(a, b, condition);
    this.set(b, a, condition);
  }

  /** As it was before all trouble. */
  clear(pairs: readonly (readonly [string, string])[]): void {
    for (const [a, b] of pairs) {
      this.#conditions.delete(`${a}>${b}`);
      this.#conditions.delete(`${b}>${a}`);
    }
    this.changed.emit('changed');
  }

  clearAll(): void {
    this.#conditions.clear();
    this.changed.emit('changed');
  }
}
