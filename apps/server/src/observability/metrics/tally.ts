import type { LabelValues } from './sample';

/** From a tenth of a millisecond to eight seconds. */
export const SECONDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.25, 0.5, 1, 2,
  4, 8,
];
/** From one to 4096. */
export const COUNTS: readonly number[] = Array.from({ length: 13 }, (_, power) => 2 ** power);
/** From 64 bytes to 16 MiB. */
export const BYTES: readonly number[] = Array.from({ length: 10 }, (_, power) => 64 * 4 ** power);

export interface TallySample {
  readonly metricName: string;
  readonly labels: LabelValues;
  readonly value: number;
}

/**
 * How often values fell between which bounds. An observation adds to three numbers: the library's own histogram hashes
 * its labels each time, which costs more than all else about a request's figures.
 */
export class Tally {
  private sum = 0;
  private readonly bounds: readonly number[];
  private readonly counts: Float64Array;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
    counts[bucket] = (counts[bucket] as number) + 1;
    this.sum += value;
  }

  /** As Prometheus writes a histogram: each bucket counts what is in those below it too. */
  samples(name: string, labels: LabelValues): TallySample[] {
    let count = 0;
    const buckets = Array.from(this.counts, (inBucket, bucket): TallySample => {
      count += inBucket;
      const le = this.bounds[bucket] ?? '+Inf';
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
