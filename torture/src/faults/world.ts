import type { Chance } from '../chance';
import type { Group } from '../group/group';
import type { Replica } from '../group/replica';
import type { Network } from '../network/network';

/** What faults are done to. */
export interface World {
  readonly group: Group;
  readonly network: Network;
  readonly chance: Chance;
  /** Replicas with which something is done that allows nothing else. */
  readonly busy: Set<Replica>;
  /** One disk at a time is damaged: never more than f, until it is whole again. */
  damaged: Replica | undefined;
  /** One change of the group at a time, and none while a disk is damaged that it would need. */
  isChanging: boolean;
  /** Deaths of these are our doing. */
  readonly expected: Set<Replica>;
  readonly count: (what: string) => void;
}

/** Something that is wrong now. */
export interface Trouble {
  readonly what: string;
  /** How long it stays. */
  readonly lastsMs: number;
  /** Ends it. A text says what came of it, for the line that is printed. */
  lift(): Promise<string | undefined>;
}

/** Makes trouble; undefined when that is not possible now. */
export type Fault = (world: World) => Promise<Trouble | undefined>;

/** A member that nothing else is done with. */
export function anyMember(
  { group, chance, busy }: World,
  fits: (replica: Replica) => boolean = () => true,
): Replica | undefined {
  const free = group.members.filter((replica) => !busy.has(replica) && fits(replica));
  return free.length === 0 ? undefined : chance.of(free);
}

export const nothing = (): Promise<undefined> => Promise.resolve(undefined);
