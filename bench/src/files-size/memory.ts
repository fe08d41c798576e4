/** What this process uses, in bytes, when no garbage is left. */
export interface Memory {
  readonly heap: number;
  /** Buffers outside the heap. */
  readonly external: number;
  /** Resident, pages that were freed and not given back included. */
  readonly rss: number;
}

export function memoryUsed(): Memory {
  if (globalThis.gc === undefined) throw new Error('node is to be run with --expose-gc');
  for (let round = 0; round < 4; round += 1) globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  // `external` has the array buffers in it.
  return { heap: heapUsed, external, rss };
}

/** Growth from one to the other, of each of `count`. */
export function grownEach(before: Memory, after: Memory, count: number): Memory {
  return {
    heap: (after.heap - before.heap) / count,
    external: (after.external - before.external) / count,
    rss: (after.rss - before.rss) / count,
  };
}
