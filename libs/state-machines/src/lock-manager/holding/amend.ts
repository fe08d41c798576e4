import { publish } from '../events';
import { checkSession, type Execution } from '../model/execution';
import type { Amend } from '../operations';
import type { LockOutcome } from '../outcomes';
import { ownHold } from './own-hold';
import { requestOf } from '../acquire/request';
import { nameKey } from '../model/keys';

/** Other words in the place of the note: what a leader proclaims. */
export function amend(execution: Execution, asked: Amend): LockOutcome {
  const { tables, context } = execution;
  const problem = checkSession(execution, asked.session);
  if (problem !== undefined) return { kind: problem };
  const { lock, fence, note, session, owner } = asked;
  const found = ownHold(tables, asked, lock, fence);
  if ('refusal' in found) return found.refusal;
  const { mode, requests } = found.hold;
  const request = requests[0] ?? '';
  tables.requests.put(nameKey(request), { ...requestOf(tables, request), note });
  publish(context, { kind: 'lock.amended', request, lock, session, owner, mode, fence, note });
  return { kind: 'amended' };
}
