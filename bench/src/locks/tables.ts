import type { HandOver } from './hand-over';
import type { Latencies } from './latencies';
import type { Expiry } from './mass-expiry';
import type { Memory } from './memory';
import type { QueueLength } from './queue-length';
import type { Readers } from './readers';

export function showHandOver(rows: readonly HandOver[]): string {
  const lines = rows.map((row) => {
    const each = [row.operations, row.pushes, row.logEntries, row.frames].map((value) =>
      value.toFixed(2).padStart(10),
    );
    const counts = `${String(row.handOvers).padStart(6)}${row.perSecond.toFixed(0).padStart(8)}`;
    return `${row.name.padEnd(24)}${counts}${times(row.latency)}${each.join('')}\n`;
  });
  const heading = `one lock passed around${' '.repeat(24)}release to grant, ms           each hand-over
${' '.repeat(25)}count    /s${TIMES}operations    pushes   entries    frames
`;
  return heading + lines.join('');
}

export function showQueueLengths(rows: readonly QueueLength[]): string {
  const lines = rows.flatMap(({ waiters, release, grant, acquire, cpuMicros }) => [
    `${String(waiters).padStart(7)} waiters  release  ${times(release)}\n`,
    `${' '.repeat(17)}grant    ${times(grant)}\n`,
    `${' '.repeat(17)}acquire  ${times(acquire)}\n`,
    `${' '.repeat(17)}CPU time of the three replicas for these two: ${cpuMicros.toFixed(0)} µs\n`,
  ]);
  return `one lock, one hand-over after the other, ms\n${' '.repeat(26)}${TIMES}\n${lines.join('')}`;
}

export function showReaders(measured: Readers): string {
  const { readers, firstMs, lastMs, cpuMicrosPerReader, before, meanwhile } = measured;
  return `${readers} readers behind one writer: the first is told after ${firstMs.toFixed(1)} ms, the last after ${lastMs.toFixed(1)} ms
the three replicas use ${cpuMicrosPerReader.toFixed(0)} µs of CPU time a reader
${others(before, meanwhile)}`;
}

export function showExpiry(expiry: Expiry): string {
  const { sessions, locksEach, ttlMs, loadSeconds, rssBytesPerLock } = expiry;
  return `${sessions} sessions with ${locksEach} locks each, loaded in ${loadSeconds.toFixed(0)} s, ttl ${ttlMs} ms, die at once
all locks are free for who asks ${expiry.grantedAfterMs.toFixed(0)} ms after the last deadline, and cleared away after ${expiry.clearedAfterMs.toFixed(0)} ms; deadlines lie within ${expiry.spreadMs.toFixed(0)} ms
the three replicas use ${expiry.cpuMicrosPerLock.toFixed(0)} µs of CPU time a lock
the primary has grown by ${rssBytesPerLock.toFixed(0)} bytes resident a lock, log, sessions and garbage included
${others(expiry.before, expiry.meanwhile)}`;
}

export function showMemory(rows: readonly Memory[]): string {
  const lines = rows.map(({ what, count, heapBytes, bufferBytes }) => {
    const sum = heapBytes + bufferBytes;
    return `${what.padEnd(12)}${String(count).padStart(8)}${sum.toFixed(0).padStart(8)} (heap ${heapBytes.toFixed(0)}, buffers ${bufferBytes.toFixed(0)})\n`;
  });
  return `bytes of the state machine alone, each\n${lines.join('')}`;
}

const others = (before: Latencies, meanwhile: Latencies): string =>
  `clients of other locks, ms${TIMES}
  before                  ${times(before)}  of ${before.count}
  meanwhile               ${times(meanwhile)}  of ${meanwhile.count}
`;

const TIMES = '     p50     p99   worst  ';

const times = ({ p50Ms, p99Ms, worstMs }: Latencies): string =>
  [p50Ms, p99Ms, worstMs].map((ms) => ms.toFixed(2).padStart(8)).join('') + '  ';
