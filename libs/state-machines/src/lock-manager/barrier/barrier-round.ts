import { key, type ByteString } from '@lockstep/vr-core';
import { publish } from '../events';
import type { Execution } from '../model/execution';
import type { FinishedState } from '../outcomes';
import { requestOf } from '../acquire/request';
import { finish } from '../ending/retention';
import { memberKey, nameKey, placeOf, rowsOf } from '../model/keys';
import type { Owner } from '../model/owner';
import type { BarrierMember, BarrierRow } from '../model/tables';
import { waitTimer } from '../ending/timer-keys';

type Place = Owner & { readonly barrier: string };

export function memberOf({ tables }: Execution, place: Place): BarrierMember | undefined {
  return tables.barrierMembers.get(keyOf(place));
}

export function addMember(
  { tables }: Execution,
  place: Place,
  { state, request }: Pick<BarrierMember, 'state' | 'request'>,
): void {
  const { session, owner } = place;
  tables.barrierMembers.put(keyOf(place), { state, session, owner, request });
  tables.sessionBarriers.put(keyBySession(place), place.barrier);
}

/**
 * Lets out a round of which everybody wants to leave, and then in the next one that is complete, in order of arrival.
 * To be called whenever somebody has come, wants to leave, or is gone.
 */
export function letThrough(execution: Execution, barrier: string): void {
  const { barriers } = execution.tables;
  const row = barriers.get(nameKey(barrier));
  if (row === undefined) return;
  const { entering, inside, leaving, parties } = row;
  if (inside > leaving) return;
  if (inside > 0) {
    letOut(execution, barrier);
    barriers.put(nameKey(barrier), { parties, entering, inside: 0, leaving: 0 });
    letThrough(execution, barrier);
  } else if (entering === 0) {
    barriers.delete(nameKey(barrier));
  } else if (entering >= parties) {
    letIn(execution, barrier, row);
  }
}

function letOut(execution: Execution, barrier: string): void {
  for (const member of membersIn(execution, rowsOf(barrier))) {
    if (member.state !== 'leaving') continue;
    tell(execution, 'barrier.passed', barrier, member);
    removeMember(execution, { barrier, ...member });
    endRequest(execution, member.request, 'left');
  }
}

/** Those whose session has ended a moment ago count for nobody. (locks.md I3) */
function letIn(execution: Execution, barrier: string, row: BarrierRow): void {
  const { tables } = execution;
  const { parties, entering } = row;
  const round = waiting(execution, barrier).slice(0, parties);
  if (round.length < parties) return;
  for (const member of round) pass(execution, barrier, member);
  const left = { parties, entering: entering - parties, inside: parties, leaving: 0 };
  tables.barriers.put(nameKey(barrier), left);
}

function pass(execution: Execution, barrier: string, member: BarrierMember): void {
  const { tables, context } = execution;
  const { request } = member;
  const asked = requestOf(tables, request);
  tables.requests.put(nameKey(request), {
    ...asked,
    state: 'granted',
    sinceMs: context.clusterMs,
  });
  context.timers.cancel(waitTimer(request));
  addMember(execution, { barrier, ...member }, { state: 'inside', request });
  tell(execution, 'barrier.passed', barrier, member);
  context.charge(1);
}

/** Those who wait to enter and are alive, in order of arrival. */
function waiting(execution: Execution, barrier: string): readonly BarrierMember[] {
  const { tables, context } = execution;
  const found = membersIn(execution, rowsOf(barrier))
    .filter(({ state }) => state === 'entering')
    .filter(({ session }) => context.sessions.find(session) !== undefined)
    .map((member) => ({ member, place: placeOf(requestOf(tables, member.request)) }));
  found.sort((a, b) => (a.place < b.place ? -1 : 1));
  return found.map(({ member }) => member);
}

/** One member less; or, when it `stays`, one fewer who wants to leave. */
export function countOut(
  { tables }: Execution,
  barrier: string,
  { state }: BarrierMember,
  stays: boolean,
): void {
  const row = tables.barriers.get(nameKey(barrier));
  if (row === undefined) throw new RangeError(`${barrier} has members, and is no barrier`);
  tables.barriers.put(nameKey(barrier), {
    parties: row.parties,
    entering: row.entering - (state === 'entering' ? 1 : 0),
    inside: row.inside - (state === 'entering' || stays ? 0 : 1),
    leaving: row.leaving - (state === 'leaving' ? 1 : 0),
  });
}

/** Ends a request that still stands for a member. Nobody is left to ask for one whose session has ended. */
export function endRequest(execution: Execution, name: string, state: FinishedState): void {
  const { tables, context } = execution;
  const request = tables.requests.get(nameKey(name));
  // A leave that was given up has ended before, and may have been forgotten.
  if (request?.state !== 'queued' && request?.state !== 'granted') return;
  context.timers.cancel(waitTimer(name));
  context.charge(1);
  if (context.sessions.find(request.session) === undefined) tables.requests.delete(nameKey(name));
  else finish(execution, name, request, state);
}

export function removeMember({ tables }: Execution, place: Place): void {
  tables.barrierMembers.delete(keyOf(place));
  tables.sessionBarriers.delete(keyBySession(place));
}

export function tell(
  { context }: Execution,
  kind: 'barrier.passed' | 'barrier.gone',
  barrier: string,
  { session, owner, request }: BarrierMember,
): void {
  publish(context, { kind, barrier, request, session, owner });
}

/** A copy, so that members may be removed on the way. */
export function membersIn({ tables }: Execution, prefix: ByteString): readonly BarrierMember[] {
  return Array.from(tables.barrierMembers.in(prefix), ([, member]) => member);
}

function keyOf({ barrier, session, owner }: Place): ByteString {
  return memberKey(barrier, session, owner);
}

function keyBySession({ barrier, session, owner }: Place): ByteString {
  return key(rowsOf(session), rowsOf(barrier), rowsOf(owner));
}
