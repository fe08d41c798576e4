import { clusterMs } from '@lockstep/vr-core';
import { intentOf, type Mode } from '../model/compatibility';
import type { Execution } from '../model/execution';
import { ancestorsOf } from '../model/path';
import { lockDelayTimer } from './timer-keys';
import { lockRowOf, setDelay, useOf } from '../acquire/uses';

/**
 * The lock stays shut until then to whoever its last holder excluded: that one may still be at work, or has asked for it
 * (lock-delay, minimal hold). (locks.md I11)
 */
export function keepShut(execution: Execution, lock: string, mode: Mode, untilMs: number): void {
  if (untilMs <= execution.context.clusterMs) return;
  delay(execution, lock, mode, untilMs);
  for (const above of ancestorsOf(lock)) delay(execution, above, intentOf(mode), untilMs);
}

function delay({ tables, context }: Execution, lock: string, mode: Mode, untilMs: number): void {
  if (useOf(lockRowOf(tables, lock), mode).delayedUntilMs >= untilMs) return;
  setDelay(tables, lock, mode, untilMs);
  context.timers.set(lockDelayTimer(lock, mode), clusterMs(untilMs));
}
