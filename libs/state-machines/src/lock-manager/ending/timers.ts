import type { ByteString } from '@lockstep/vr-core';
import { lockDelayOf } from './lock-delay';
import { endBarrierWait } from '../barrier/barrier';
import { breakNow } from '../holding/break';
import { passOn } from '../holding/claim';
import { endHolds } from './end-hold';
import { timeOut } from './end-wait';
import type { Execution } from '../model/execution';
import { handOnFrom } from '../queue/deadlock';
import { handOn } from '../queue/hand-on';
import { requestOf } from '../acquire/request';
import { goOnEnding } from './session-end';
import { timerOf } from './timer-keys';
import { setDelay } from '../acquire/uses';
import type { Mode } from '../model/compatibility';

/** A deadline of this service has passed, by the cluster clock, inside a Tick. (locks.md R2) */
export function runTimer(execution: Execution, timerKey: ByteString): void {
  const timer = timerOf(timerKey);
  switch (timer.kind) {
    case 'break':
      return breakNow(execution, timer.lock, timer.fence);
    case 'claim':
      return passOn(execution, timer.request);
    case 'lock-delay':
      return endDelay(execution, timer.lock, timer.mode);
    case 'session-end':
      return goOnEnding(execution, timer.session);
    case 'hand-on':
      return handOn(execution, [timer.lock]);
    case 'max-hold':
      return expire(execution, timer.request);
    case 'wait':
      return endWaiting(execution, timer.request);
  }
}

/** Nothing of a lost holder is in the way any more. */
function endDelay(execution: Execution, lock: string, mode: Mode): void {
  setDelay(execution.tables, lock, mode, 0);
  handOn(execution, [lock]);
}

/** It has held as long as it may. */
function expire(execution: Execution, name: string): void {
  const request = requestOf(execution.tables, name);
  const lockDelayMs = lockDelayOf(execution, request.session);
  const freed = endHolds(execution, name, request, { cause: 'max-hold', lockDelayMs });
  handOnFrom(execution, request, freed);
}

/** It has waited as long as it was ready to; those behind it may fit now. */
function endWaiting(execution: Execution, name: string): void {
  const request = requestOf(execution.tables, name);
  if (request.state !== 'queued') throw new RangeError(`${name} has a deadline and does not wait`);
  if (request.kind === 'enter' || request.kind === 'leave') {
    return endBarrierWait(execution, name, request, 'timed-out');
  }
  handOn(execution, timeOut(execution, name, request));
}
