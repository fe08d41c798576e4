import { FENCE_KEY, type LockTables } from './tables';

/** Numbers of one generation: at a grant every millisecond they last 557 years. (decision 6) */
const NUMBERS = 2 ** 44;

/** Generation of a group that was never restored. */
const FIRST_GENERATION = 1;

/**
 * The number that a resource compares to turn away those who lost the lock without knowing. One counter for all
 * locks, drawn at the grant and never at the request, so that fences rise in the order of grants. (locks.md I2)
 */
export function mintFence(tables: LockTables): bigint {
  const { generation, lastNumber } = tables.fences.get(FENCE_KEY) ?? {
    generation: FIRST_GENERATION,
    lastNumber: 0,
  };
  const number = lastNumber + 1;
  if (number >= NUMBERS) throw new RangeError('the fences of this generation are used up');
  tables.fences.put(FENCE_KEY, { generation, lastNumber: number });
  return BigInt(generation) * BigInt(NUMBERS) + BigInt(number);
}

/** From here on fences are above all that an earlier generation may have given out. (decision 6) */
export function beginFences(tables: LockTables, generation: number): void {
  const before = tables.fences.get(FENCE_KEY)?.generation ?? FIRST_GENERATION;
  if (generation <= before) throw new RangeError(`generation ${generation} is not after ${before}`);
  tables.fences.put(FENCE_KEY, { generation, lastNumber: 0 });
}
