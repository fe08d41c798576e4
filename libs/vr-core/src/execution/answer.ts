import type { OpNumber } from '../numbers/numbers';

/** What became of a request: the service's outcome with its place in the order, or why there is none. */
export type Answer =
  | {
      readonly kind: 'outcome';
      readonly refused: boolean;
      readonly bytes: Uint8Array;
      readonly opNumber: OpNumber;
      readonly index: number;
      /** True when this is the kept answer of an earlier execution. (VRR §4.1 step 2) */
      readonly replayed: boolean;
    }
  | { readonly kind: 'problem'; readonly code: ProblemCode };

/** Why a request has no outcome. The first group is decided by the log and final, the second by one replica, now. */
export type ProblemCode =
  // Committed: every replica says the same for ever.
  | 'session-expired' // the session that names the request is gone
  | 'not-your-session' // it belongs to another principal
  | 'already-acknowledged' // the client said it had seen this answer
  | 'request-window' // the number is too far ahead of what was acknowledged
  | 'request-reused' // the same name was used for another operation
  | 'internal-error' // the plug-in threw: rolled back, committed as this
  // Local: try again, here or at another replica.
  | 'unknown-service'
  | 'no-primary' // never left this replica
  | 'outcome-unknown' // it was sent on and may have been executed, or may yet be
  | 'busy' // queues are full
  | 'active-missing' // an active replica is away for long: its witness holds all it can
  | 'moved' // this replica has left the group: ask a member
  | 'witness'; // this replica executes nothing and has no door: ask an active
