import type { Limits } from '@lockstep/vr-core';
import type { ClientPlan } from '../clients/client-plan';
import type { DiskPlan } from '../disk';
import type { NetworkPlan } from '../network';

/** How rough a simulated world is. Each seed draws its own mix within the profile. */
export const PROFILES = ['calm', 'rough', 'harsh'] as const;
export type Profile = (typeof PROFILES)[number];

/** Everything one seed decides before its world starts. A mean of 0 means never. */
export interface Plan {
  readonly replicas: number;
  /** So many of them execute nothing. (VRR §6.1) */
  readonly witnesses: number;
  readonly limits: Partial<Limits>;
  readonly network: NetworkPlan;
  readonly disk: DiskPlan;
  readonly clients: ClientPlan;
  readonly flushDelayMs: number;
  readonly faults: FaultPlan;
}

export interface FaultPlan {
  readonly crash: CrashPlan;
  readonly partition: Spell;
  /** Like a partition, for one link in one direction, coming and going quickly. */
  readonly flap: Spell;
  readonly pause: Spell;
  /** One primary after the other is driven out, as quickly as views can change. */
  readonly storm: Spell;
  /** One disk takes long. */
  readonly slowDisk: Spell & { readonly syncMeanMs: number };
  readonly clocks: ClockPlan;
  readonly hints: HintPlan;
  readonly membership: MembershipPlan;
  /** A primary that holds a lease is left behind by the others. */
  readonly leaseTrapEveryMs: number;
  /** The operator asks some replica to step down. */
  readonly stepDownEveryMs: number;
}

/** Comes every so often, lasts so long, both on average. */
export interface Spell {
  readonly everyMs: number;
  readonly lastsMs: number;
}

export interface CrashPlan extends Spell {
  /** Chance that one crash is a crash of all replicas at the same instant. */
  readonly all: number;
  /** Chance that the primary is chosen, if one is known. */
  readonly primary: number;
  /** Chance that a log is unreadable at the restart; never more than f at a time. */
  readonly loseLog: number;
  /** The same for the whole disk, the promise with it: the replica returns by `--recover`. */
  readonly loseDisk: number;
  /** Chance that one entry that others have, too, is damaged at the restart; also of several replicas at a time. */
  readonly damageEntry: number;
}

export interface ClockPlan {
  /** Rates lie within 1 - drift and 1 + drift. */
  readonly drift: number;
  readonly jumpEveryMs: number;
  readonly jumpMaxMs: number;
  readonly standStill: Spell;
}

/** An operator who changes the group. (VRR §7) */
export interface MembershipPlan {
  readonly everyMs: number;
  /** No new nodes beyond so many, those that have left included. */
  readonly nodesMax: number;
}

export interface HintPlan {
  /** Chance that a peer is told when a replica dies, and how late. */
  readonly told: number;
  readonly lateMeanMs: number;
  /** A healthy peer is said to be lost. */
  readonly falseEveryMs: number;
}
