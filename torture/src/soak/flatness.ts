import { megabytes } from '../resources';
import { rise, type Point } from './slope';
import type { Sample } from './sample';

export interface Judged {
  readonly name: string;
  /** From the beginning to the end, as a share of the median; measured by slope. */
  readonly rise: number;
  readonly riseMax: number;
  readonly isFlat: boolean;
}

/** Caches fill and the code is compiled; what comes after must be level. */
const WARM_SHARE = 0.25;
const WARM_MINUTES_MAX = 20;
const RISE_MAX = 0.15;
/** The machine has other work as well: times are judged less strictly. */
const LATENCY_RISE_MAX = 0.5;
/** So little is no growth, whatever share it is. */
const BYTES_IGNORED = 24 << 20;

/** Whether memory, files and latency stay level once all is warm. */
export function judge(samples: readonly Sample[]): readonly Judged[] {
  const last = samples.at(-1)?.minutes ?? 0;
  const warm = Math.min(last * WARM_SHARE, WARM_MINUTES_MAX);
  const counted = samples.filter(({ minutes }) => minutes >= warm);
  const rows: Judged[] = [];
  const names = samples[0]?.replicas.map(({ name }) => name) ?? [];
  for (const [n, name] of names.entries())
    for (const key of ['residentBytes', 'heapBytes', 'folderBytes'] as const) {
      const points = pointsOf(counted, (sample) => sample.replicas[n]?.[key] ?? Number.NaN);
      if (points.length > 1) rows.push(judgeBytes(`${name} ${key.replace('Bytes', '')}`, points));
    }
  for (const key of ['p50Ms', 'p99Ms'] as const) {
    const points = pointsOf(counted, (sample) => sample[key]);
    const risen = rise(points);
    const name = `latency ${key.replace('Ms', '')}`;
    const isFlat = risen <= LATENCY_RISE_MAX;
    rows.push({ name, rise: risen, riseMax: LATENCY_RISE_MAX, isFlat });
  }
  return rows;
}

function judgeBytes(name: string, points: readonly Point[]): Judged {
  const risen = rise(points);
  const level = Math.max(...points.map(({ y }) => y));
  const isFlat = risen <= RISE_MAX || risen * level < BYTES_IGNORED;
  return { name: `${name} (${megabytes(level)} MB)`, rise: risen, riseMax: RISE_MAX, isFlat };
}

export function pointsOf(samples: readonly Sample[], of: (sample: Sample) => number): Point[] {
  return samples
    .map((sample) => ({ x: sample.minutes, y: of(sample) }))
    .filter(({ y }) => Number.isFinite(y));
}
