import { clusterMs, type ByteString, type Session } from '@lockstep/vr-core';
import { TIMER, type Hook } from '../model/hook';
import { keyOfSession } from '../model/session-key';
import { findTransient, takeAway } from './take-away';
import { firstEphemeral } from './transients';

/** Files that one step takes away; the rest follows in the next Ticks. (decision 20) */
const FILES_PER_STEP = 100;

/** A Tick that has done so much has many sessions to end: it leaves their files for the next. */
const MANY_UNITS = 250;

/** The ephemeral files of a session go with it. (files.md A4) */
export function endEphemerals(hook: Hook, session: Session): void {
  const key = keyOfSession(session);
  const isOneOfMany = session.ended === 'expired' && hook.context.charge(0) > MANY_UNITS;
  goOnTakingAway(hook, key, isOneOfMany ? 0 : FILES_PER_STEP);
}

/** At most so many, and more in the next Tick when there are more. */
export function goOnTakingAway(hook: Hook, session: ByteString, most = FILES_PER_STEP): void {
  const { tables, context } = hook;
  for (let left = most; left > 0; left -= 1) {
    const due = firstEphemeral(tables, session);
    if (due === undefined) return;
    tables.ephemerals.delete(due.at);
    const found = findTransient(hook, due);
    if (found !== undefined) takeAway(found.tree, hook, found.inode, true);
    context.charge(1);
  }
  if (firstEphemeral(tables, session) === undefined) return;
  const timer = (TIMER.ephemerals + session) as ByteString;
  context.timers.set(timer, clusterMs(context.clusterMs));
}
