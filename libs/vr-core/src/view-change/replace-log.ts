import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { opNumber, type OpNumber } from '../numbers/numbers';
import { assert } from '../state/assert';
import type { LogEntry } from '../state/log-entry';
import type { LogPlace } from '../state/log-place';
import type { Installation } from '../state/installation';
import { settledOp, type ReplicaState } from '../state/replica-state';
import type { StagedLog } from '../state/staged-log';
import { store } from '../state/storing';
import { jumpTo } from '../witness/jump';
import { enterViewChange } from './enter-view-change';

/**
 * All of the new log is here: it replaces what differs of ours, in one write together with v'. Damaged entries and those
 * beyond them are replaced by it too. (VRR §4.2, steps 3 and 5; E14, E42)
 */
export function replaceLog(
  state: ReplicaState,
  installation: Installation,
  meeting: LogPlace,
  now: Now,
  out: Outbox,
): void {
  const { log, stores } = state;
  jumpTo(state, meeting);
  const kept = lastCommonOp(state, installation.staged, meeting.opNumber);
  assert(!state.stateWhole || kept >= settledOp(state), 'what is settled is in every later view', {
    kept,
    settled: settledOp(state),
  });
  const added = installation.staged.after(kept);
  log.truncateAfter(kept);
  for (const entry of added) log.append(entry);
  assert(log.headHash === installation.headHash, 'the log installed is the log chosen');
  state.beyond = [];
  stores.logVersion += 1;
  stores.storedNumber = opNumber(Math.min(stores.storedNumber, kept));
  state.commitNumber = opNumber(Math.max(state.commitNumber, installation.commitNumber));
  state.lastNormalView = {
    epochNumber: state.epochNumber,
    viewNumber: installation.viewNumber,
  };
  if (installation.viewNumber < state.viewNumber) {
    return continueViewChange(state, kept, added, now, out);
  }
  state.viewNumber = installation.viewNumber;
  const change = { promise: true, log: { afterOp: kept, entries: added } };
  installation.storeNumber = store(state, change, out);
}

/**
 * A recovering replica had promised a later view than the one it found: it holds that view's log now, and goes on to
 * the view it promised, never back below it. (§1.4; M3)
 */
function continueViewChange(
  state: ReplicaState,
  afterOp: OpNumber,
  entries: readonly LogEntry[],
  now: Now,
  out: Outbox,
): void {
  store(state, { log: { afterOp, entries } }, out);
  const promised = state.viewNumber;
  state.viewNumber = state.lastNormalView.viewNumber;
  enterViewChange(state, promised, 'promised before the log was lost', now, out);
}

/** The last op up to which our log and the new one are the same. */
function lastCommonOp({ log }: ReplicaState, staged: StagedLog, from: OpNumber): OpNumber {
  let common = from;
  while (common < staged.head.opNumber) {
    const next = opNumber(common + 1);
    if (log.hashAt(next) !== staged.hashAt(next)) break;
    common = next;
  }
  return common;
}
