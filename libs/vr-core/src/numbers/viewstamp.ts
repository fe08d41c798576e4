import type { EpochNumber, ViewNumber } from './numbers';

/** A view names a primary only together with its epoch: the pair is compared as one. (VRR §7, E43) */
export interface Viewstamp {
  readonly epochNumber: EpochNumber;
  readonly viewNumber: ViewNumber;
}

/** Negative when `a` is older than `b`, zero when they are the same view of the same epoch. */
export function compareViewstamps(a: Viewstamp, b: Viewstamp): number {
  return a.epochNumber - b.epochNumber || a.viewNumber - b.viewNumber;
}
