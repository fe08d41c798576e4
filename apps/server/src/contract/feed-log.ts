import type { EventPosition, Execution } from '@lockstep/vr-core';
import { LAST_OF_OP } from './event-place';
import { Problem } from './problem';

/** The replicated event log, as one replica has executed it. */
export type FeedLog = Pick<Execution, 'eventsSince' | 'oldestEventOp' | 'executed' | 'isWhole'>;

/** Why a stream cannot go on after this place; undefined when nothing after it has been dropped. */
export function trimmedAfter(log: FeedLog, place: EventPosition): Problem | undefined {
  const oldest = log.oldestEventOp();
  // Of the op before the oldest whole one some events may be kept, and some not.
  if (place.opNumber >= oldest || (place.opNumber === oldest - 1 && place.n === LAST_OF_OP))
    return undefined;
  return new Problem('events-trimmed', 'Look at the state, then watch from its op on.', {
    op: `${log.executed}`,
    oldest: `${oldest}`,
  });
}
