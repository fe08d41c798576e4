import { cpuMsOf } from './cpu';
import type { Subject } from './subject';

/** One round of closed loops: each of `concurrency` loops writes again when its last write is answered. */
export interface Round {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of all servers for one write. */
  readonly cpuMicros: number;
}

let written = 0;

export async function runRound(
  subject: Subject,
  load: { readonly connections: number; readonly concurrency: number; readonly seconds: number },
): Promise<Round> {
  const latencies: number[] = [];
  const cpuBefore = cpuMsOf(subject.pids);
  const startMs = performance.now();
  const endMs = startMs + load.seconds * 1000;
  const loop = async (client: number): Promise<void> => {
    for (let sentMs = performance.now(); sentMs < endMs;) {
      await subject.write(client, written++);
      const nowMs = performance.now();
      latencies.push(nowMs - sentMs);
      sentMs = nowMs;
    }
  };
  await Promise.all(Array.from({ length: load.concurrency }, (_, n) => loop(n % load.connections)));
  const tookMs = performance.now() - startMs;
  const cpuMs = cpuMsOf(subject.pids) - cpuBefore;
  latencies.sort((a, b) => a - b);
  return {
    perSecond: (1000 * latencies.length) / tookMs,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? NaN,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? NaN,
    cpuMicros: (1000 * cpuMs) / latencies.length,
  };
}
