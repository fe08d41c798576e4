export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * How much a row of figures rises from its beginning to its end, as a share of its median: by the slope that half of all pairs
 * exceed (Theil 1950, Sen 1968), which single outliers do not move.
 */
export function rise(points: readonly Point[]): number {
  const slopes: number[] = [];
  const step = Math.max(1, Math.floor(points.length / PAIRED_MAX));
  const chosen = points.filter((_, n) => n % step === 0);
  for (const [n, a] of chosen.entries())
    for (const b of chosen.slice(n + 1)) if (b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || slopes.length === 0) return 0;
  const level = median(points.map(({ y }) => y));
  return level === 0 ? 0 : (median(slopes) * (last.x - first.x)) / level;
}

const PAIRED_MAX = 400;

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
