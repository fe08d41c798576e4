/** What Nest injects beside classes: each token with the type of what it stands for. */

/** `Calls`: operations, queries and keepalives in JSON. */
export const CALLS = Symbol('calls');
/** `LongPolls` */
export const LONG_POLLS = Symbol('long-polls');
/** `EventFeeds`: streams of events. */
export const EVENT_FEEDS = Symbol('event-feeds');
/** `LockHistories` */
export const LOCK_HISTORIES = Symbol('lock-histories');
/** `() => ReplicaView` */
export const REPLICA_VIEW = Symbol('replica-view');
/** `ReplicaProcess` */
export const REPLICA_PROCESS = Symbol('replica-process');
/** `readonly Plugin[]`, in the order of their registration. */
export const STATE_MACHINES = Symbol('state-machines');
