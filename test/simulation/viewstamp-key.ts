import type { Viewstamp } from '@lockstep/vr-core';

const VIEWS_AN_EPOCH = 2 ** 32;

/** One number that orders (epoch, view) lexicographically. */
export function viewstampKey({ epochNumber, viewNumber }: Viewstamp): number {
  return epochNumber * VIEWS_AN_EPOCH + viewNumber;
}
