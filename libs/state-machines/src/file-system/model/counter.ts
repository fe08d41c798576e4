import type { ByteString, Ordered } from '@lockstep/vr-core';
import { getU64, putU64 } from './fixed-width';

const COUNTER_BYTES = 8;

/** The number that `nextNumber` will give. */
export function numberToCome(counters: Ordered, name: ByteString, first: number): number {
  const next = counters.get(name);
  return next === undefined ? first : getU64(next, 0);
}

/** The next number under that name, from `first` on: none is given twice, and one that is undone is given again. */
export function nextNumber(counters: Ordered, name: ByteString, first: number): number {
  const number = numberToCome(counters, name, first);
  const after = new Uint8Array(COUNTER_BYTES);
  putU64(after, 0, number + 1);
  counters.put(name, after);
  return number;
}
