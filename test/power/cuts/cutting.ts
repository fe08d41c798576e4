import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FileStorage } from '../../../apps/server/src/storage/file-storage';
import { openedWith, optionsOf } from '../../server/storage-fixture';
import { arrived, type Arrival } from './arrivals';
import { CutDisk, writeFiles } from './cut-disk';
import type { DiskEvent } from './disk-record';
import { findOf, type Expectation } from './expectation';
import type { Script } from './script';

/** A disk after a power cut that is not as it should be. */
export interface Loss {
  /** Events of the record before the cut. */
  readonly at: number;
  /** Steps of the script that were acknowledged, and that were asked for. */
  readonly steps: readonly [done: number, asked: number];
  readonly arrival: Arrival;
  readonly problem: string;
}

/** Follows a record, and opens what a power cut leaves at any point of it. */
export class Cutting {
  opened = 0;
  readonly losses: Loss[] = [];
  private readonly script: Script;
  private readonly expectations: readonly Expectation[];
  private readonly folder: string;
  private readonly disk = new CutDisk();
  private asked = 0;
  private done = 0;
  /** Of the newest start that was acted upon: the next must be later. */
  private incarnation = 0;

  /** `folder` is used for one cut after the other. */
  constructor(script: Script, expectations: readonly Expectation[], folder: string) {
    this.script = script;
    this.expectations = expectations;
    this.folder = folder;
    if (!script.recover) this.disk.place('data/init', Buffer.from('once'));
  }

  take(event: DiskEvent): void {
    this.disk.take(event);
    if (event.kind !== 'note') return;
    const [word, incarnation] = event.text.trim().split(' ');
    if (word === 'asked') this.asked += 1;
    else this.done += 1;
    if (incarnation !== undefined) this.incarnation = Number(incarnation);
  }

  async cut(at: number, arrival: Arrival): Promise<void> {
    const files = this.disk.filesWith(arrived(arrival, this.disk.unsynced));
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(join(this.folder, 'data'), { recursive: true });
    writeFiles(this.folder, files);
    this.opened += 1;
    const problem = await this.problem();
    const steps = [this.done, this.asked] as const;
    if (problem !== undefined) this.losses.push({ at, steps, arrival, problem });
  }

  /** What is wrong with the disk as it was left; undefined when nothing is. */
  private async problem(): Promise<string | undefined> {
    const { mode, recover } = this.script;
    const reports: string[] = [];
    const options = optionsOf(join(this.folder, 'data'), mode, ({ text }) => {
      reports.push(text);
    });
    const storage = new FileStorage({ ...options, recover });
    try {
      const opened = await openedWith(storage);
      if (opened.life.incarnation <= this.incarnation)
        return `starts as incarnation ${opened.life.incarnation} again`;
      const find = findOf(opened, mode);
      if (this.isExpected(find)) return undefined;
      return [`found ${find}`, ...reports].join('; ');
    } catch (fault) {
      return `does not start: ${String(fault)}`;
    } finally {
      await storage.close();
    }
  }

  /** All that was acknowledged, and of what was asked for a beginning. */
  private isExpected(find: string): boolean {
    const { expectations, done, asked } = this;
    return expectations
      .slice(done, asked + 1)
      .some((each, at) => each.find === find || (at > 0 && each.promiseAhead === find));
  }
}
