import type { ByteString, Session } from '@lockstep/vr-core';
import { endOpenFiles, goOnEnding } from './handles/session-end';
import { TIMER, type Hook } from './model/hook';

/** A timer has run out: what is due is done, in bounded steps. (decision 20) */
export function runTimer(hook: Hook, key: ByteString): void {
  switch (key[0]) {
    case TIMER.openFiles:
      return goOnEnding(hook, key.slice(1) as ByteString);
    default:
      throw new Error(`no timer is called ${key.charCodeAt(0)}`);
  }
}

/** A session has ended: what lives as long as it goes. */
export function endSession(hook: Hook, session: Session): void {
  endOpenFiles(hook, session);
}
