import type { BreakListener } from './hold';
import type { CallOptions } from './requester';

/** How a place in a queue is taken, and a grant is had. */
export interface GrantOptions extends CallOptions {
  /** Tells apart the tasks of one session that lock on their own. */
  readonly owner?: string;
  /** How long to wait in the queue, in the group's time. Left out: as long as the session lives. */
  readonly waitMs?: number;
  /** For people who look who holds it. */
  readonly note?: string;
  /** Higher ones wait in front of lower ones; from -100 to 100, 0 is usual. */
  readonly priority?: number;
  /** The grant ends by itself after so long. */
  readonly maxHoldMs?: number;
  /** The lock stays shut so long after the grant, whenever it is given back. */
  readonly minHoldMs?: number;
  /** A grant out of the queue that has not reached this client within this time is passed on. */
  readonly claimMs?: number;
  /** Which request gives way when this one would close a circle of owners. Default: this one. */
  readonly victim?: 'requester' | 'youngest' | 'lowest-priority';
  /** Called when somebody wants it back: after `leftMs` it is taken away. */
  readonly onBreakRequest?: BreakListener;
}
