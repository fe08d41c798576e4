import type { Kill } from './kills';
import { median, type SeenView } from './outages';
import type { Work } from './verify-journals';
import type { LockVerdict } from './verify-locks';

/** The result of one run: what `--json` prints. */
export interface Report {
  readonly verdict: 'nothing lost' | 'failed';
  /** Everything that speaks against the verdict, one line each. */
  readonly faults: readonly string[];
  readonly tree: string;
  readonly imported: {
    readonly entries: number;
    readonly byType: Readonly<Record<string, number>>;
    readonly operations: number;
    readonly seconds: number;
  };
  readonly work: Work;
  readonly locks: LockVerdict;
  readonly compared: number;
  /** Entries that are missing, wrong, or made by nobody. */
  readonly lost: number;
  readonly differences: readonly string[];
  /** State roots of the replicas, which must be equal. */
  readonly digests: Readonly<Record<string, string>>;
  readonly kills: readonly Kill[];
  readonly primaries: readonly Primary[];
}

/** Who led from when on. */
export interface Primary {
  readonly view: number;
  readonly replica: string;
  readonly fromSeconds: number;
}

/** The views in the order in which the prober was told of them. */
export function primariesOf(
  views: readonly SeenView[],
  startMs: number,
  nameOf: (url: string) => string,
): Primary[] {
  const primaries: Primary[] = [];
  for (const { view, url, atMs } of views) {
    if (primaries.at(-1)?.view === view) continue;
    primaries.push({ view, replica: nameOf(url), fromSeconds: round((atMs - startMs) / 1000) });
  }
  return primaries;
}

const FAULTS_SHOWN = 10;

export function describeReport(report: Report): string {
  const { imported, work, locks, kills, primaries, faults } = report;
  const kinds = Object.entries(work.byKind).map(([kind, count]) => `${count} ${kind}`);
  const types = Object.entries(imported.byType).map(([type, count]) => `${count} ${type}`);
  const lines = [
    ['imported', `${imported.entries} entries (${types.join(', ')})`],
    ['', `${imported.operations} operations in ${imported.seconds} s`],
    ['acknowledged', `${work.acknowledged} operations (${kinds.join(', ')})`],
    ['locks', `${locks.grants} grants, ${locks.faults.length} faults`],
    ['compared', `${report.compared} entries with the source and the journals`],
    ['replicas', new Set(Object.values(report.digests)).size === 1 ? 'equal' : 'NOT equal'],
    ['lost', String(report.lost)],
    ...primaries.map(({ view, replica, fromSeconds }, n) => [
      n === 0 ? 'primary' : '',
      `from ${fromSeconds.toFixed(1).padStart(5)} s  view ${view}  ${replica}`,
    ]),
    ...kills.map(({ outageMs, replica, backAfterMs }, n) => [
      n === 0 ? 'outage' : '',
      `${outageMs.toFixed(0)} ms after kill -9 of ${replica}, which was back after ${(backAfterMs / 1000).toFixed(1)} s`,
    ]),
    ...(kills.length < 2
      ? []
      : [['', `median ${median(kills.map(({ outageMs }) => outageMs)).toFixed(0)} ms`]]),
    ...faults.slice(0, FAULTS_SHOWN).map((fault, n) => [n === 0 ? 'faults' : '', fault]),
    ...(faults.length > FAULTS_SHOWN ? [['', `and ${faults.length - FAULTS_SHOWN} more`]] : []),
    ['verdict', report.verdict],
  ];
  return `\n${lines.map(([left = '', right = '']) => `${left.padEnd(14)}${right}`).join('\n')}\n`;
}

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;
