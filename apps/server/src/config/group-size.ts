/** Decision 34: 1 for development, else 3 to 9. */
export const GROUP_SIZE_MAX = 9;

/** A group without witnesses, or one of 2f + 1 with f of them. (VRR §6.1, decision 18) */
export function mayHaveWitnesses(size: number, witnesses: number): boolean {
  return witnesses === 0 || size === 2 * witnesses + 1;
}
