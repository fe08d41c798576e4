/** A promise of the protocol itself is broken: the replica stops and keeps its disk as it is. (VRR §2; decision 17) */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

/**
 * States what must be true, positively, in words. Left on in production. Only for a replica's own state: what arrives
 * from outside is met at the gate.
 */
export function assert(
  condition: boolean,
  invariant: string,
  facts?: Record<string, unknown>,
): asserts condition {
  if (condition) return;
  const details = facts === undefined ? '' : ` (${Object.entries(facts).map(fact).join(', ')})`;
  throw new BrokenInvariant(`not true: ${invariant}${details}`);
}

function fact([name, value]: [string, unknown]): string {
  return `${name} ${String(value)}`;
}
