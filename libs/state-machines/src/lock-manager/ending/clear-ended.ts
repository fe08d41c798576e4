import { needsOf, type Need } from '../acquire/needs';
import { obstacleTo, type Obstacle } from '../acquire/obstacle';
import { requestOf } from '../acquire/request';
import { permitUsersOf, usersOf } from '../acquire/users';
import type { Execution } from '../model/execution';
import { nameKey } from '../model/keys';
import type { RequestRow } from '../model/tables';
import { handOn } from '../queue/hand-on';
import { endHolds } from './end-hold';
import { endOf } from './session-end';

/** What is in the way of a new request, when nothing is that sessions have left behind which have ended. */
export function obstacleOfTheLiving(
  execution: Execution,
  request: RequestRow,
): Obstacle | undefined {
  if (execution.tables.endings.size > 0) {
    for (const need of needsOf(request.items)) clearEnded(execution, need);
  }
  return obstacleTo(execution.tables, request);
}

/** Ends what sessions that are gone still hold there. */
function clearEnded(execution: Execution, need: Need): void {
  const { tables, context } = execution;
  const left = new Set<string>();
  const permits = need.permits > 0 ? permitUsersOf(tables, need.lock) : [];
  for (const { hold } of [...usersOf(tables, need), ...permits]) {
    if (context.sessions.find(hold.session) === undefined) left.add(hold.requests[0] ?? '');
  }
  for (const name of left) {
    const request = requestOf(tables, name);
    const ending = tables.endings.get(nameKey(request.session));
    if (ending === undefined) throw new RangeError(`${name} holds, and its session is unknown`);
    handOn(execution, endHolds(execution, name, request, endOf(execution, ending)));
  }
}
