/** Remembers one value for each pair of small numbers. */
export class PairMemo<T> {
  private readonly byFirst: (Map<number, T> | undefined)[] = [];

  get(first: number, second: number): T | undefined {
    return this.byFirst[first]?.get(second);
  }

  set(first: number, second: number, value: T): T {
    (this.byFirst[first] ??= new Map()).set(second, value);
    return value;
  }
}
