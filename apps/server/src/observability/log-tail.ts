import { Ring } from './ring';

const LINES_KEPT = 1_000;

/** Where log lines go, with the last of them kept for whoever asks: a bundle is made where no log file can be read. */
export class LogTail {
  private readonly kept = new Ring<string>(LINES_KEPT);
  private readonly to: { write(line: string): unknown };

  constructor(to: { write(line: string): unknown }) {
    this.to = to;
  }

  write(line: string): void {
    this.kept.add(line);
    this.to.write(line);
  }

  /** The oldest first, each as it was written. */
  lines(): string[] {
    return this.kept.list();
  }
}
