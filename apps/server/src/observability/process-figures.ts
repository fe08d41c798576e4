import { cpus, freemem, loadavg, platform, release, totalmem, uptime } from 'node:os';
import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { VERSION } from '../version';

/** The process and the machine under it, as they are now. Sizes in bytes. */
export function processFigures(): Record<string, unknown> {
  const { utilization } = performance.eventLoopUtilization();
  return {
    version: VERSION,
    node: process.version,
    pid: process.pid,
    uptimeSeconds: Math.round(process.uptime()),
    memory: process.memoryUsage(),
    heap: getHeapStatistics(),
    resources: process.resourceUsage(),
    eventLoopUtilization: utilization,
    activeResources: countsOf(process.getActiveResourcesInfo()),
    machine: {
      platform: platform(),
      release: release(),
      cpus: cpus().length,
      loadAverage: loadavg(),
      memory: totalmem(),
      memoryFree: freemem(),
      uptimeSeconds: Math.round(uptime()),
    },
  };
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
