import {
  LOCKS_SERVICE,
  decodeLockEventRecord,
  type LockEventRecord,
} from '@lockstep/state-machines';
import type { ShowEvent } from './event-feed';
import type { JsonObject } from './json';

/** Shows what happens to names that begin with `prefix`. */
export const lockEventsOf =
  (prefix: string): ShowEvent =>
  (event) => {
    if (event.service !== LOCKS_SERVICE) return undefined;
    const record = decodeLockEventRecord(event.bytes);
    return nameIn(record).startsWith(prefix) ? lockEventJson(record) : undefined;
  };

/**
 * An event of the lock manager for whoever watches. `atMs` is the cluster time at which it happened, in milliseconds
 * since the birth of the group: good for differences, not for dates.
 */
function lockEventJson({ atMs, event }: LockEventRecord): JsonObject {
  const shown: Record<string, string | number> = {};
  for (const [field, value] of Object.entries<string | number | bigint>(event))
    if (field === 'untilMs') shown['leftMs'] = Math.max(0, Number(value) - atMs);
    else shown[field] = typeof value === 'bigint' ? `${value}` : value;
  return { ...shown, atMs };
}

/** The name that a prefix is compared with: of the lock, the latch or the barrier. */
function nameIn({ event }: LockEventRecord): string {
  if ('lock' in event) return event.lock;
  return 'latch' in event ? event.latch : event.barrier;
}
