/** The newest so many of something. */
export class Ring<T> {
  private readonly size: number;
  private readonly kept: T[] = [];
  private next = 0;

  constructor(size: number) {
    this.size = size;
  }

  add(item: T): void {
    this.kept[this.next] = item;
    this.next = (this.next + 1) % this.size;
  }

  /** The oldest first. */
  list(): T[] {
    return [...this.kept.slice(this.next), ...this.kept.slice(0, this.next)];
  }
}
