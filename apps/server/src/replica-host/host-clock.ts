import { performance } from 'node:perf_hooks';
import { monotonicMs, type MonotonicMs, type Now } from '@lockstep/vr-core';

/** The two clocks of this machine, read once for each input. (decision 4) */
export function readClocks(): Now {
  const wallMs = Date.now();
  const wallSeconds = Math.floor(wallMs / 1000);
  return {
    monotonicMs: monotonicNow(),
    wallSeconds,
    wallNanos: (wallMs - wallSeconds * 1000) * 1_000_000,
  };
}

export const monotonicNow = (): MonotonicMs => monotonicMs(performance.now());
