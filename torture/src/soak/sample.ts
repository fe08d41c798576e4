import type { Group } from '../group/group';
import { folderBytes, residentBytesOf } from '../resources';
import type { Window } from './load';

/** Every so often, one of these. */
export interface Sample extends Window {
  readonly minutes: number;
  readonly replicas: readonly ReplicaSample[];
}

export interface ReplicaSample {
  readonly name: string;
  readonly residentBytes: number;
  /** What V8 holds, as the replica's own metrics tell; NaN when they do not. */
  readonly heapBytes: number;
  readonly folderBytes: number;
}

export async function sampleOf(group: Group, minutes: number, window: Window): Promise<Sample> {
  const replicas = await Promise.all(
    group.members.map(async ({ name, pid, url, plan }) => ({
      name,
      residentBytes: pid === undefined ? 0 : residentBytesOf(pid),
      heapBytes: await heapBytesOf(url),
      folderBytes: await folderBytes(plan.folder),
    })),
  );
  return { minutes, ...window, replicas };
}

async function heapBytesOf(url: string): Promise<number> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) });
    const text = await response.text();
    const [, bytes] = /^nodejs_heap_size_used_bytes(?:\{[^}]*\})? (\S+)$/m.exec(text) ?? [];
    return Number(bytes ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}

export function csvOf(samples: readonly Sample[]): string {
  const names = samples[0]?.replicas.map(({ name }) => name.replace(' ', '-')) ?? [];
  const own = names.flatMap((name) => [`${name}-rss`, `${name}-heap`, `${name}-folder`]);
  const head = ['minutes', 'calls', 'failures', 'p50Ms', 'p99Ms', ...own].join();
  const rows = samples.map(({ minutes, calls, failures, p50Ms, p99Ms, replicas }) =>
    [
      minutes.toFixed(3),
      calls,
      failures,
      p50Ms.toFixed(2),
      p99Ms.toFixed(2),
      ...replicas.flatMap((each) => [each.residentBytes, each.heapBytes, each.folderBytes]),
    ].join(),
  );
  return `${[head, ...rows].join('\n')}\n`;
}
