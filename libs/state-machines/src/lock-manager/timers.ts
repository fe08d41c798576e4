import type { ByteString } from '@lockstep/vr-core';
import { publish } from './events';
import type { Execution } from './execution';
import { grantWaiters } from './grant';
import { changeUse } from './lock-row';
import { dequeue } from './queue';
import { finish } from './retention';
import { nameKey } from './tables';
import { timerOf } from './timer-keys';
import type { Mode } from './compatibility';

/** A deadline of this service has passed, by the cluster clock, inside a Tick. (locks.md R2) */
export function runTimer(execution: Execution, timerKey: ByteString): void {
  const timer = timerOf(timerKey);
  switch (timer.kind) {
    case 'wait':
      return timeOut(execution, timer.request);
    case 'lock-delay':
      return endDelay(execution, timer.lock, timer.mode);
  }
}

/** It has waited as long as it was ready to; those behind it may fit now. */
function timeOut(execution: Execution, name: string): void {
  const { tables, context } = execution;
  const request = tables.requests.get(nameKey(name));
  if (request?.state !== 'queued') throw new RangeError(`${name} has a deadline and does not wait`);
  const { lock, session, owner, mode } = request;
  dequeue(execution, name, request);
  finish(execution, name, request, 'timed-out');
  publish(context, { kind: 'lock.timed-out', request: name, lock, session, owner, mode });
  context.charge(1);
  grantWaiters(execution, lock);
}

function endDelay(execution: Execution, lock: string, mode: Mode): void {
  changeUse(execution.tables, lock, mode, (use) => ({ ...use, delayedUntilMs: 0 }));
  grantWaiters(execution, lock);
}
