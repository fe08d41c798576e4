import { collectDefaultMetrics, type Registry } from 'prom-client';
import { VERSION } from '../../version';
import type { Meters } from './meters';
import type { Sample } from './sample';

/** A hundred looks a second see every stall that a client could feel. */
const LOOK_MS = 10;

/** The process itself. The timer keeps no process alive. */
export function meterProcess(meters: Meters, registry: Registry): void {
  // CPU, memory, file descriptors, garbage collection and the event loop, as every Node.js process shows them.
  collectDefaultMetrics({ register: registry });
  meters.gauges('lockstep_build_info', 'Always 1', ['version', 'node'], (): Sample[] => [
    [{ version: VERSION, node: process.version }, 1],
  ]);
  const delays = meters.histogram(
    'lockstep_event_loop_delay_seconds',
    `How much later than its ${LOOK_MS} ms a timer fired: a bucket sums up over time, which a percentile does not`,
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
  );
  let lookedMs = performance.now();
  setInterval(() => {
    const nowMs = performance.now();
    delays.observe(Math.max(0, nowMs - lookedMs - LOOK_MS) / 1000);
    lookedMs = nowMs;
  }, LOOK_MS).unref();
}
