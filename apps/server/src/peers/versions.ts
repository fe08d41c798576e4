/** A range of versions that a program understands, both ends included. */
export interface Versions {
  readonly lowest: number;
  readonly highest: number;
}

/** How replicas speak to each other. Two of different versions speak the highest that both know. */
export const PEER_PROTOCOL: Versions = { lowest: 3, highest: 3 };

/** The highest version that both understand; undefined when there is none. */
export function agreed(one: Versions, other: Versions): number | undefined {
  const highest = Math.min(one.highest, other.highest);
  return highest >= Math.max(one.lowest, other.lowest) ? highest : undefined;
}

export const showVersions = ({ lowest, highest }: Versions): string =>
  lowest === highest ? `${lowest}` : `${lowest} to ${highest}`;
