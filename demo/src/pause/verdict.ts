import type { Guard } from './counter-file';

/** What came of one run. */
export interface Tally {
  readonly guard: Guard;
  readonly pauses: number;
  /** Writes that workers were told have been taken; each adds 1. */
  readonly acknowledged: number;
  /** What the counter says at the end. */
  readonly counter: number;
  readonly refused: number;
}

/** Updates that were acknowledged and are not in the counter. */
export const lostIn = ({ acknowledged, counter }: Tally): number => acknowledged - counter;

/** Both halves: the lock alone loses, and the fence does not, because it refused. */
export function isShown(byLock: Tally, byFence: Tally): boolean {
  return lostIn(byLock) > 0 && lostIn(byFence) === 0 && byFence.refused > 0;
}

export function describe(tally: Tally): string {
  const { guard, pauses, acknowledged, counter, refused } = tally;
  const by = guard === 'lock' ? 'by the lock alone' : 'by the fence     ';
  const counts = `${acknowledged} writes acknowledged, the counter says ${counter}`;
  const lost = `${lostIn(tally)} lost`;
  return `guarded ${by}: ${pauses} pauses, ${counts}: ${lost}, ${refused} refused\n`;
}
