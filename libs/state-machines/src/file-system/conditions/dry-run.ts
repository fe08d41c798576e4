import type { ApplyContext } from '@lockstep/vr-core';
import { LISTING_MAX } from '../model/limits';
import { decodeFileChange, type FileChangeEvent } from '../watch/change';

/** The context of an operation whose events are not for watchers, and what they would have been told. */
interface Rehearsal {
  readonly context: ApplyContext;
  /** The first `LISTING_MAX` of the changes so far; those that were rolled back are not among them. */
  readonly changes: () => readonly FileChangeEvent[];
}

/**
 * The world as a dry run sees it: everything is done, and the core undoes it after the answer; only the events, which the
 * answer tells, are kept aside. (files.md N12)
 */
export function rehearsal(real: ApplyContext): Rehearsal {
  const { opNumber, index, clusterMs, wallSeconds, wallNanos, session, principal } = real;
  const { sessions, timers } = real;
  const events: Uint8Array[] = [];
  const context: ApplyContext = {
    ...{ opNumber, index, clusterMs, wallSeconds, wallNanos, session, principal },
    ...{ sessions, timers },
    events: { publish: (event) => void events.push(event) },
    port: (name) => real.port(name),
    savepoint() {
      const writes = real.savepoint();
      const eventCount = events.length;
      const rollback = (): void => {
        writes.rollback();
        events.length = eventCount;
      };
      return { rollback, release: () => writes.release() };
    },
    charge: (units) => real.charge(units),
  };
  return { context, changes: () => events.slice(0, LISTING_MAX).map(decodeFileChange) };
}
