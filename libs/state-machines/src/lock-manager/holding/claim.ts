import { endHolds } from '../ending/end-hold';
import { checkSession, type Execution } from '../model/execution';
import { handOnFrom } from '../queue/deadlock';
import type { LockOutcome } from '../outcomes';
import { requestOf } from '../acquire/request';
import { answerFor, stateNow } from '../acquire/request-answer';
import { nameKey } from '../model/keys';
import { claimTimer } from '../ending/timer-keys';

/** The grant has reached somebody. One that nobody takes up is passed on. (decision 29) */
export function claim(
  execution: Execution,
  { request }: { readonly request: string },
): LockOutcome {
  const { tables, context } = execution;
  const row = tables.requests.get(nameKey(request));
  if (row === undefined) return { kind: 'unknown-request' };
  const problem = checkSession(execution, row.session);
  if (problem !== undefined) return { kind: problem };
  if (stateNow(tables, row) !== 'granted') return answerFor(tables, request, row);
  if (row.claimMs !== undefined) {
    context.timers.cancel(claimTimer(request));
    tables.requests.put(nameKey(request), { ...row, claimMs: undefined });
  }
  return { kind: 'claimed', request };
}

/** Nobody has claimed it in time. */
export function passOn(execution: Execution, name: string): void {
  const end = { cause: 'unclaimed', lockDelayMs: 0 } as const;
  const request = requestOf(execution.tables, name);
  handOnFrom(execution, request, endHolds(execution, name, request, end));
}
