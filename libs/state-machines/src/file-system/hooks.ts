import type { ApplyContext, ByteString, Session } from '@lockstep/vr-core';
import type { FileTables } from './model/tables';
import { expireTrash } from './trash/discard';
import { goOnPurging } from './trash/purge';

/** One Tick, or the end of a session, while it is executed. */
export interface Hook {
  readonly tables: FileTables;
  readonly context: ApplyContext;
}

/** First byte of a timer's key: what is to be done when it has run out. Append, never reorder. */
export const TIMER = {
  ttl: '\x01', // ino: a file that nothing has changed for its time
  trash: '\x02', // volume, owner, number: something in the trash has been kept long enough
  purge: '\x03', // volume: what was taken away goes on being purged
  history: '\x04', // volume: the oldest state that can still be read
} as const;

/** A timer has run out: what is due is done, in bounded steps. (decision 20) */
export function runTimer(hook: Hook, key: ByteString): void {
  const rest = key.slice(1) as ByteString;
  switch (key[0]) {
    case TIMER.trash:
      return expireTrash(hook, rest);
    case TIMER.purge:
      return goOnPurging(hook, rest);
    default:
      throw new Error(`no timer is called ${key.charCodeAt(0)}`);
  }
}

/** A session has ended: what lives as long as it goes. */
export function endSession(_hook: Hook, _session: Session): void {
  // Nothing yet.
}
