import { setTimeout as pause } from 'node:timers/promises';

export { pause };

const startNs = process.hrtime.bigint();

/** Milliseconds of the monotonic clock since this process began. */
export const nowMs = (): number => Number((process.hrtime.bigint() - startNs) / 1000n) / 1000;

/** Looks again and again; false when it has not come true in time. */
export async function comesTrue(
  look: () => boolean | Promise<boolean>,
  withinMs: number,
  everyMs = 50,
): Promise<boolean> {
  const deadlineMs = nowMs() + withinMs;
  while (!(await look())) {
    if (nowMs() > deadlineMs) return false;
    await pause(everyMs);
  }
  return true;
}
