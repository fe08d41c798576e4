/** The pair that holds and waits. */
export interface Owner {
  readonly session: string;
  readonly owner: string;
}

export function isSameOwner(one: Owner, other: Owner): boolean {
  return one.session === other.session && one.owner === other.owner;
}
