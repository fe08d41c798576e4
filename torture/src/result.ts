import type { Finding } from './findings';
import type { Counts } from './work/subject';
import type { Prober } from './prober';
import type { Report } from './report';
import { megabytes, type Resources } from './resources';
import type { Workload } from './workload';

/** What came of a run: one line of the file of results. */
export interface TortureResult {
  readonly verdict: 'sound' | 'failed';
  readonly seed: number;
  readonly minutes: number;
  readonly replicas: number;
  readonly witnesses: number;
  readonly operations: number;
  readonly done: number;
  readonly refused: number;
  /** Calls of clients that went away before they were answered, or gave up. */
  readonly unknown: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly grants: number;
  readonly sessionsDead: number;
  /** Requests that were said again once they had been answered, and answers from memory. */
  readonly repeated: number;
  readonly replayed: number;
  readonly staleReads: number;
  readonly histories: number;
  readonly historiesTooLarge: number;
  readonly lastLooks: number;
  readonly faults: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly worstServedMs: number;
  readonly worstServedAfter: string;
  readonly worstOutageMs: number;
  readonly worstHealedMs: number;
  readonly longestCallMs: number;
  readonly harnessStallMs: number;
  readonly residentMegabytesMax: number;
  readonly folderMegabytesMax: number;
  readonly digest: string;
  readonly findings: readonly Finding[];
  readonly folder: string | undefined;
}

export interface Parts {
  readonly counts: Counts;
  readonly workload: Workload;
  readonly prober: Prober;
  readonly report: Report;
  readonly resources: Resources;
}

/** What the parts of a run have counted. */
export function countedBy({ counts, workload, prober, report, resources }: Parts) {
  const { done, refused, unknown } = counts;
  return {
    operations: done + refused + unknown + prober.writes,
    done,
    refused,
    unknown,
    byKind: Object.fromEntries([...counts.byKind].sort()),
    grants: workload.fences.grants,
    sessionsDead: workload.deaths,
    repeated: workload.repeated,
    replayed: workload.replayed,
    staleReads: counts.stale,
    histories: counts.searched,
    historiesTooLarge: counts.tooLarge,
    faults: report.faults,
    counts: Object.fromEntries([...report.counts].sort()),
    worstServedMs: Math.round(report.worstServedMs),
    worstServedAfter: report.worstServedAfter,
    worstOutageMs: Math.round(prober.longestGapMs),
    worstHealedMs: Math.round(report.worstHealedMs),
    longestCallMs: Math.round(counts.longestMs),
    residentMegabytesMax: megabytes(resources.residentBytesMax),
    folderMegabytesMax: megabytes(resources.folderBytesMax),
  };
}
