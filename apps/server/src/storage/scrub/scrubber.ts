import { NothingIsWritten } from '../flush-queue';
import { reasonOf } from '../fault';
import type { StorageReport } from '../replica-storage';
import type { Damage, ScrubbedReplica } from './damage';
import { DamageLedger } from './damage-ledger';
import type { ScrubFigures } from './scrub-figures';
import type { ScrubPace } from './scrub-pace';
import { ScrubPass } from './scrub-pass';
import type { ScrubbedFolder } from './scrubbed-folder';

/** While something is damaged it is looked at so often. */
const LOOK_MS = 500;

/**
 * Reads everything on the disk again and again, slowly, for damage that a start, or a peer that asks, would otherwise be
 * the first to meet, and has it mended from memory while memory is there. (docs/scrubbing.md; ADR 20)
 */
export class Scrubber {
  private readonly folder: ScrubbedFolder;
  private readonly pace: ScrubPace;
  private readonly replica: ScrubbedReplica;
  private readonly onReport: (report: StorageReport) => void;
  private readonly ledger: DamageLedger;
  private bytes = 0;
  private passes = 0;
  private lastPassAt = 0;
  private lastPassSeconds = 0;
  private stopped = false;
  private wake: (() => void) | undefined;
  private readonly ended: Promise<void>;

  /** Begins at once. */
  constructor(
    folder: ScrubbedFolder,
    pace: ScrubPace,
    replica: ScrubbedReplica,
    onReport: (report: StorageReport) => void,
  ) {
    this.folder = folder;
    this.pace = pace;
    this.replica = replica;
    this.onReport = onReport;
    this.ledger = new DamageLedger((level, text) => {
      onReport({ level, text });
    });
    this.ended = this.run();
  }

  get figures(): ScrubFigures {
    const { bytes, passes, lastPassAt, lastPassSeconds, ledger } = this;
    const { found, repaired, size: damaged } = ledger;
    return { bytes, passes, found, repaired, damaged, lastPassAt, lastPassSeconds };
  }

  /** Resolves when nothing is read any more. */
  stop(): Promise<void> {
    this.stopped = true;
    this.wake?.();
    return this.ended;
  }

  private async run(): Promise<void> {
    while (!this.stopped)
      try {
        const { repaired } = this.ledger;
        await this.pass();
        if (this.ledger.repaired === repaired) await this.pause(repaired);
      } catch (fault) {
        if (fault instanceof NothingIsWritten) return;
        this.onReport({ level: 'error', text: `scrubbing was interrupted: ${reasonOf(fault)}` });
        await this.sleep(this.pace.pauseMs);
      }
  }

  private async pass(): Promise<void> {
    const beganMs = performance.now();
    const pass = new ScrubPass(this.folder, this.ledger, this.replica.execution, () =>
      this.attend(),
    );
    for await (const bytes of pass.portions()) {
      this.bytes += bytes;
      await this.settle();
      await this.sleep((bytes / this.pace.bytesPerSecond) * 1_000);
      if (this.stopped) return;
    }
    this.passes += 1;
    this.lastPassAt = Math.floor(Date.now() / 1_000);
    this.lastPassSeconds = (performance.now() - beganMs) / 1_000;
  }

  /** What has been mended is read at once: the pause ends. */
  private async pause(repaired: number): Promise<void> {
    const endMs = performance.now() + this.pace.pauseMs;
    while (!this.stopped && performance.now() < endMs && this.ledger.repaired === repaired) {
      const left = endMs - performance.now();
      await this.sleep(this.ledger.size > 0 ? Math.min(left, LOOK_MS) : left);
      await this.settle();
    }
  }

  private async settle(): Promise<void> {
    if (this.stopped || this.ledger.size === 0) return;
    await this.folder.between(() => {
      for (const damage of this.ledger.all) if (this.isMended(damage)) this.ledger.mended(damage);
      return this.attend();
    });
  }

  /** Between writes: has everything mended that is due. A new file mends all that was wrong with the old. */
  private async attend(): Promise<void> {
    const due = this.ledger.due(performance.now());
    if (due.some(({ kind }) => kind === 'structure'))
      return this.folder.awaitWholeLog(() => {
        this.replica.mend({ log: true, pages: 'all' });
      });
    const log = due.some(({ kind }) => kind === 'flush');
    const pages = due.filter((damage) => damage.kind === 'page');
    if (log || pages.length > 0) this.replica.mend({ log, pages });
  }

  /** Replaced by what has been written since; what is small is mended where it is found. */
  private isMended(damage: Damage): boolean {
    const { database } = this.folder;
    if (database === undefined) return false;
    const { rows, pages } = database;
    switch (damage.kind) {
      case 'flush': {
        const isBehind = damage.row < rows.firstRow;
        if (isBehind) rows.dropAll();
        return isBehind;
      }
      case 'page':
        return pages.rowOf(damage.table, damage.page) !== damage.row;
      case 'structure':
        return pages !== damage.of;
      default:
        return false;
    }
  }

  /** Keeps no process alive. */
  private sleep(ms: number): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
