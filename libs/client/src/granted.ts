import { CancelledError, WaitTimeoutError } from './errors';
import type { GrantedLock, RequestState } from './grants';

/** Throws why a request that waits no more has nothing. */
export function expectGranted(end: RequestState, what: string): void {
  if (end.state === 'timed-out') throw new WaitTimeoutError(what, end.request);
  if (end.state !== 'granted') throw new CancelledError(what, end.request, end.state);
}

/** What was granted: several locks, or one, which the answer to its acquire need not name. */
export function grantsIn(state: RequestState, name: string): readonly GrantedLock[] {
  if (state.locks !== undefined) return state.locks;
  const { mode = 'exclusive', fence = '0', sequencer = '' } = state;
  return [{ lock: name, mode, fence, sequencer }];
}
