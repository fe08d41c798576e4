import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { Entries } from '../messages/entries';
import { opNumber, type OpNumber } from '../numbers/numbers';
import { follows, readEntries } from '../state-transfer/read-entries';
import { assert } from '../state/assert';
import type { LogEntry } from '../state/log-entry';
import { headerOf, nextTicket, type Installation, type ReplicaState } from '../state/replica-state';
import { store } from '../state/storing';
import { enterViewChange } from './enter-view-change';

type Wanted = Pick<
  Installation,
  'reason' | 'source' | 'viewNumber' | 'opNumber' | 'headHash' | 'commitNumber'
> & { readonly encodedTail: Entries };

/**
 * Makes another replica's log ours, in one piece: what joins our own log is taken from the message, what lies between
 * is fetched, and until all of it is here nothing of ours changes. (VRR §4.2, steps 3 and 5; E7, E14)
 */
export function beginInstallation(
  state: ReplicaState,
  { encodedTail, ...wanted }: Wanted,
  now: Now,
  out: Outbox,
): void {
  const tail = readEntries(encodedTail, state.hash);
  const ended = tail?.at(-1);
  if (tail === undefined || (ended !== undefined && ended.hash !== wanted.headHash)) {
    return out.alarm(`replica ${wanted.source} sent a log that is not one: peer contradicts us`);
  }
  const installation: Installation = {
    ...wanted,
    tail,
    staged: [],
    ticket: 0,
    askedAtMs: now.monotonicMs,
    storeNumber: undefined,
  };
  state.viewChange.installation = installation;
  if (joins(state, tail, wanted)) install(state, installation, tail, now, out);
  else fetch(state, installation, now, out);
}

/** Entries that GETSTATE has brought, from our last executed op on. (VRR §5.2, §5.3) */
export function stageEntries(
  state: ReplicaState,
  entries: readonly LogEntry[],
  now: Now,
  out: Outbox,
): void {
  const { installation } = state.viewChange;
  if (installation === undefined || installation.storeNumber !== undefined) return;
  const { staged, tail } = installation;
  const before = staged.length;
  for (const entry of entries) {
    const last = staged.at(-1);
    const op = last?.opNumber ?? state.execution.executed;
    const hash = last?.hash ?? state.log.hashAt(op);
    if (hash === undefined || !follows(entry, op, hash) || entry.opNumber > installation.opNumber) {
      break;
    }
    staged.push(entry);
  }
  const whole = wholeOf(installation, staged, tail);
  if (whole !== undefined) install(state, installation, whole, now, out);
  else if (staged.length > before) fetch(state, installation, now, out);
}

/** A fetch that is not answered is asked again; if its source is gone, the view change times out. */
export function pollInstallation(state: ReplicaState, now: Now, out: Outbox): void {
  const { installation } = state.viewChange;
  if (installation === undefined || installation.storeNumber !== undefined) return;
  if (now.monotonicMs - installation.askedAtMs >= state.limits.resendMs) {
    fetch(state, installation, now, out);
  }
}

/** Our state is that of a checkpoint now: the fetch goes on from there. */
export function continueInstallation(state: ReplicaState, now: Now, out: Outbox): void {
  const { installation } = state.viewChange;
  if (installation === undefined || installation.storeNumber !== undefined) return;
  installation.staged.length = 0;
  fetch(state, installation, now, out);
}

function fetch(state: ReplicaState, installation: Installation, now: Now, out: Outbox): void {
  installation.ticket = nextTicket(state);
  installation.askedAtMs = now.monotonicMs;
  const afterOp = installation.staged.at(-1)?.opNumber ?? state.execution.executed;
  out.protocol(
    'state-transfer',
    `asks replica ${installation.source} for ops ${afterOp + 1} to ${installation.opNumber}`,
  );
  out.send(installation.source, {
    kind: 'GetState',
    ...headerOf(state),
    viewNumber: installation.viewNumber,
    afterOp,
    ticket: installation.ticket,
  });
}

/** Equal hashes at one op mean equal logs up to it, so one look tells whether the tail continues what we hold. */
function joins(
  state: ReplicaState,
  tail: readonly LogEntry[],
  wanted: Pick<Installation, 'opNumber' | 'headHash'>,
): boolean {
  const first = tail[0];
  if (first === undefined) return state.log.hashAt(wanted.opNumber) === wanted.headHash;
  return state.log.hashAt(opNumber(first.opNumber - 1)) === first.parentHash;
}

function wholeOf(
  installation: Installation,
  staged: readonly LogEntry[],
  tail: readonly LogEntry[],
): readonly LogEntry[] | undefined {
  const last = staged.at(-1);
  if (last === undefined) return undefined;
  if (last.hash === installation.headHash) return staged;
  const rest = tail.filter((entry) => entry.opNumber > last.opNumber);
  const first = rest[0];
  return first !== undefined && follows(first, last.opNumber, last.hash)
    ? [...staged, ...rest]
    : undefined;
}

function install(
  state: ReplicaState,
  installation: Installation,
  entries: readonly LogEntry[],
  now: Now,
  out: Outbox,
): void {
  const { log, stores } = state;
  const kept = lastCommonOp(state, entries, installation.opNumber);
  assert(kept >= state.execution.executed, 'what was executed is in every later view', {
    kept,
    executed: state.execution.executed,
  });
  const added = entries.filter((entry) => entry.opNumber > kept);
  log.truncateAfter(kept);
  for (const entry of added) log.append(entry);
  assert(log.headHash === installation.headHash, 'the log installed is the log chosen');
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
function lastCommonOp(
  state: ReplicaState,
  entries: readonly LogEntry[],
  headOp: OpNumber,
): OpNumber {
  const first = entries[0];
  if (first === undefined) return headOp;
  let common = opNumber(first.opNumber - 1);
  for (const entry of entries) {
    if (state.log.hashAt(entry.opNumber) !== entry.hash) break;
    common = entry.opNumber;
  }
  return common;
}
