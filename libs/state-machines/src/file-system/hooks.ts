import type { ByteString, Session } from '@lockstep/vr-core';
import { trimHistory } from './history/history-timer';
import { endOpenFiles, goOnEnding } from './handles/session-end';
import { expire } from './lifetime/expire';
import { endEphemerals, goOnTakingAway } from './lifetime/session-end';
import { TIMER, type Hook } from './model/hook';
import { expireTrash } from './trash/discard';
import { goOnPurging } from './trash/purge';

/** A timer has run out: what is due is done, in bounded steps. (decision 20) */
export function runTimer(hook: Hook, key: ByteString): void {
  const rest = key.slice(1) as ByteString;
  switch (key[0]) {
    case TIMER.trash:
      return expireTrash(hook, rest);
    case TIMER.purge:
      return goOnPurging(hook, rest);
    case TIMER.history:
      return trimHistory(hook, rest);
    case TIMER.openFiles:
      return goOnEnding(hook, rest);
    case TIMER.ttl:
      return expire(hook);
    case TIMER.ephemerals:
      return goOnTakingAway(hook, rest);
    default:
      throw new Error(`no timer is called ${key.charCodeAt(0)}`);
  }
}

/** A session has ended: what lives as long as it goes. */
export function endSession(hook: Hook, session: Session): void {
  endOpenFiles(hook, session);
  endEphemerals(hook, session);
}
