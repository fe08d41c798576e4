import type { ReplicaView } from '@lockstep/vr-core';
import type { Disk } from './disk';
import type { Loss } from './world';

/** What can happen to one replica. */
export type Event =
  | { readonly kind: 'start' }
  | { readonly kind: 'message'; readonly id: number }
  | { readonly kind: 'request'; readonly number: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'stored' }
  /** Its clocks go on by one step. */
  | { readonly kind: 'clock' }
  /** The process dies, `finished` of its unfinished writes done, and starts again. */
  | { readonly kind: 'crash'; readonly loss: Loss; readonly finished: number };

/** One replica at one moment: what it is, what its disk holds, and what it has ever shown of the group's history. */
export interface LocalState {
  readonly id: number;
  readonly replica: number;
  /** One way to come here: from this state, by this event. */
  readonly before: LocalState | undefined;
  readonly event: Event;
  /** Stands for the memory: equal for replicas that cannot behave differently. */
  readonly memory: string;
  readonly disk: Disk;
  /** The disk as this life found it. */
  readonly foundDisk: Disk;
  /** So many steps its clocks have made, and had made when this life began. */
  readonly clock: number;
  readonly foundClock: number;
  readonly testimony: number;
  readonly status: ReplicaView['status'];
  readonly epoch: number;
  readonly view: number;
  /** It takes itself for the primary. */
  readonly leads: boolean;
  /** The log that it knows to be committed. */
  readonly committed: number;
  /** It would answer reads by itself just now. (VRR §6.3.1) */
  readonly readsAlone: boolean;
  readonly isWitness: boolean;
  /** The log begins behind this op: what is before it this replica has let go. */
  readonly letGo: number;
}

/** What an event leads to: a local state, maybe the same one, and messages; or a broken rule. */
export interface Move {
  readonly event: Event;
  readonly to: LocalState;
  /** For each replica, the set of messages that are sent to it. */
  readonly sent: readonly number[];
  readonly broken: string | undefined;
}
