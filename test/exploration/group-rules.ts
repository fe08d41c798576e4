import type { LocalState } from './local-state';
import type { Testimonies } from './testimony';
import { isChanging, type World } from './world';

/** The rule that these replicas break together at one moment, for rules that the past has no part in. */
export function brokenByGroup(
  world: World,
  testimonies: Testimonies,
  group: readonly LocalState[],
): string | undefined {
  if (world.clockMax > 0) return staleRead(testimonies, group);
  if (world.witnesses > 0) return letGoTooEarly(group);
  if (isChanging(world)) return goneTooEarly(group);
  return undefined;
}

/** Whoever reads by itself has executed everything that anybody may have been told. (G11; VRR §6.3.1) */
function staleRead(testimonies: Testimonies, group: readonly LocalState[]): string | undefined {
  for (const { replica, readsAlone, committed } of group) {
    if (!readsAlone) continue;
    const other = group.find(({ testimony }) => testimonies.knowsMore(testimony, committed));
    if (other === undefined) continue;
    return `G11 leases: replica ${replica} reads by itself without what replica ${other.replica} knows to be committed`;
  }
  return undefined;
}

/** A witness lets go only of what is on the disk of every active, a silent one's too. (G10; E46) */
function letGoTooEarly(group: readonly LocalState[]): string | undefined {
  for (const witness of group) {
    if (!witness.isWitness) continue;
    const lacking = group.find((one) => holdsUpTo(one) < witness.letGo);
    if (lacking === undefined) continue;
    return `G10 witnesses: op ${witness.letGo} is let go, and the disk of replica ${lacking.replica} ends with op ${holdsUpTo(lacking)}`;
  }
  return undefined;
}

/** A replaced replica goes when so many members hold all of the old epoch that one survives. (G8; VRR §7.1.1; E30) */
function goneTooEarly(group: readonly LocalState[]): string | undefined {
  const gone = group.find(({ status }) => status === 'retired');
  if (gone === undefined) return undefined;
  const { configuration, startOp, startHash } = gone.disk.promise.epoch;
  const { members } = configuration;
  const holding = members.filter(({ replicaNumber }) => {
    const { log } = group[replicaNumber]!.disk;
    return log.some(({ opNumber, hash }) => opNumber === startOp && hash === startHash);
  });
  const needed = Math.ceil(members.length / 2);
  if (holding.length >= needed) return undefined;
  return `G8 retirement: replica ${gone.replica} has gone, and ${holding.length} members hold the log of its epoch`;
}

/** A witness needs to hold nothing; what a lost disk held comes back from the others. */
function holdsUpTo({ disk, isWitness }: LocalState): number {
  if (isWitness || disk.logLost) return Number.MAX_SAFE_INTEGER;
  return disk.log.at(-1)?.opNumber ?? 0;
}
