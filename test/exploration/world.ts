import type { Message } from '@lockstep/vr-core';
import type { Substitution } from '../simulation/source-loader';

/** What a crash takes away beyond memory. */
export interface Loss {
  readonly name: string;
  /** The log is unreadable: the next life recovers it from the group. (VRR §4.3) */
  readonly log: boolean;
  /** The paper's replica: epoch, view and all that it knew of others' lives are gone. */
  readonly promise: boolean;
  /** The operator says that the promise is lost, and the replica returns fenced. (decision 3) */
  readonly isTold: boolean;
  /** The next life takes itself for the one before: same incarnation, same tickets. */
  readonly incarnation: boolean;
  /** The next life uses the nonce of the one before. */
  readonly nonce: boolean;
}

/** A request that means nothing, or the replicas that shall be the group. (VRR §7.1) */
export type Operation = 'echo' | { readonly reconfigure: readonly number[] };

/** What happens before the exploration begins. (decision 24) */
export type ScriptLine =
  /** Everything on its way between these replicas arrives, again and again, until nothing changes. */
  | { readonly kind: 'settle'; readonly among: readonly number[] }
  | { readonly kind: 'deliver'; readonly which: Which }
  | { readonly kind: 'request'; readonly at: number }
  | { readonly kind: 'timeout'; readonly at: number }
  | { readonly kind: 'crash'; readonly at: number; readonly loss: Loss }
  /** All clocks go on by one step. */
  | { readonly kind: 'clocks' }
  /** What was sent until now never arrives. */
  | { readonly kind: 'lose-all' };

/** A message on its way: what is not named does not matter. */
export interface Which {
  readonly kind: Message['kind'];
  readonly from: number;
  readonly to: number;
  readonly view?: number;
}

/**
 * A small world: a group of real replicas, and bounds on what may happen to it. Any message may arrive never, once or
 * often, at any time, in any order; a request may come to whoever takes itself for the primary.
 */
export interface World {
  readonly name: string;
  /** What is tried, in a sentence. */
  readonly says: string;
  readonly expects: 'safe' | 'violation';
  /** The error put into the core, if any. */
  readonly substitutions: readonly Substitution[];
  readonly replicas: number;
  /** So many of them, the first ones, are the group of epoch 0; the others would join it. */
  readonly members: number;
  /** So many of the members, the last ones. (VRR §6.1) */
  readonly witnesses: number;
  /** Of epoch 0. Nobody times out towards a view above it, and no message of one arrives. */
  readonly viewMax: number;
  /** The same for later epochs. */
  readonly laterViewMax: number;
  /** What clients ask for, in this order. */
  readonly operations: readonly Operation[];
  /** How often a replica that waits in vain loses patience, in all. */
  readonly timeoutsMax: number;
  readonly crashesMax: number;
  /** How a crash may go. A crashed replica starts again at once: a later start is one whose messages are late. */
  readonly losses: readonly Loss[];
  /** So many may be without their log at once. */
  readonly recoveringMax: number;
  /** All clocks stand at this step at the end, and there are leases; 0: they stand still, and there are none. */
  readonly clockMax: number;
  /** What is handed to the disk is durable only after a step of its own, and a crash may come before. */
  readonly slowDisks: boolean;
  /** Backups fetch what they lack of their own view by GETSTATE. Where not, such questions are always lost. */
  readonly fetches: boolean;
  /** Who seems to have missed a view is told of it. Where not, what was said in a view is of no use after it. */
  readonly hints: boolean;
  /** Messages of these kinds are always lost: a bound on the world, for what safety does not rest upon. */
  readonly neverArrive: readonly Message['kind'][];
  readonly script: readonly ScriptLine[];
  /** Give up after so many states; the verdict then names the depth up to which all were seen. */
  readonly statesMax: number;
}

/** The group may become another one. */
export function isChanging({ operations }: Pick<World, 'operations'>): boolean {
  return operations.some((one) => one !== 'echo');
}

/** The highest view of an epoch that anything happens in. */
export function viewMaxIn(world: World, epoch: number): number {
  return epoch === 0 ? world.viewMax : world.laterViewMax;
}
