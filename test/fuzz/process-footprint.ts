import { readdirSync, readFileSync } from 'node:fs';

/** What a process takes of the machine. (proc(5); zeros where there is no /proc) */
export interface Footprint {
  readonly rssBytes: number;
  readonly openFiles: number;
}

const PAGE_BYTES = 4_096;

export function footprintOf(pid: number): Footprint {
  try {
    const [, resident = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    return {
      rssBytes: Number(resident) * PAGE_BYTES,
      openFiles: readdirSync(`/proc/${pid}/fd`).length,
    };
  } catch {
    return { rssBytes: 0, openFiles: 0 };
  }
}

/** Bytes a request by least squares, over what was measured after so many requests. */
export function slopeOf(
  points: readonly { readonly at: number; readonly value: number }[],
): number {
  const count = points.length;
  if (count < 2) return 0;
  const mean = (of: (point: { at: number; value: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / count;
  const [at, value] = [mean((point) => point.at), mean((point) => point.value)];
  const along = points.reduce((sum, point) => sum + (point.at - at) ** 2, 0);
  const across = points.reduce((sum, point) => sum + (point.at - at) * (point.value - value), 0);
  return along === 0 ? 0 : across / along;
}
