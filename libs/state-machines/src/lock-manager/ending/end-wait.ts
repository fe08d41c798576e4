import { publish, type Cause } from '../events';
import type { Execution } from '../model/execution';
import { dequeue } from '../queue/queue';
import { finish, forget } from './retention';
import { closeSemaphore } from '../semaphore/semaphore';
import type { RequestRow } from '../model/tables';

/** The request waits for its locks no longer. Those in whose queues it stood are returned. */
export function endWait(
  execution: Execution,
  name: string,
  request: RequestRow,
  cause: Cause,
): readonly string[] {
  const freed = leaveQueues(execution, name, request);
  const { session, owner, items } = request;
  for (const { lock, mode } of items) {
    publish(execution.context, {
      kind: 'lock.cancelled',
      request: name,
      lock,
      session,
      owner,
      mode,
      cause,
    });
  }
  execution.context.charge(1);
  if (cause === 'session-expired' || cause === 'session-closed') forget(execution, name);
  else finish(execution, name, request, cause === 'deadlock' ? 'deadlock' : 'cancelled');
  return freed;
}

/** It has waited as long as it was ready to. */
export function timeOut(
  execution: Execution,
  name: string,
  request: RequestRow,
): readonly string[] {
  const freed = leaveQueues(execution, name, request);
  const { session, owner, items } = request;
  for (const { lock, mode } of items) {
    publish(execution.context, {
      kind: 'lock.timed-out',
      request: name,
      lock,
      session,
      owner,
      mode,
    });
  }
  execution.context.charge(1);
  finish(execution, name, request, 'timed-out');
  return freed;
}

function leaveQueues(execution: Execution, name: string, request: RequestRow): readonly string[] {
  const freed = dequeue(execution, name, request);
  for (const { lock, mode } of request.items) {
    if (mode === 'permit') closeSemaphore(execution.tables, lock);
  }
  return freed;
}
