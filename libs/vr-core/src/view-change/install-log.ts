import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { Entries } from '../messages/entries';
import { opNumber, type OpNumber } from '../numbers/numbers';
import { readEntries } from '../state-transfer/read-entries';
import { assert } from '../state/assert';
import { readableAt } from '../state/damaged-log';
import type { LogEntry } from '../state/log-entry';
import type { LogPlace } from '../state/log-place';
import type { Installation } from '../state/installation';
import { nextTicket, type ReplicaState } from '../state/replica-state';
import { StagedLog } from '../state/staged-log';
import { store } from '../state/storing';
import { lacksState } from '../witness/kept-state';
import { mayContinueAt, neededAfter } from '../witness/jump';
import { askForPiece, askNextSource, pollPiece } from './fetch-log';
import { replaceLog } from './replace-log';

/**
 * What is to become our log.
 * - `reason`: `chosen` by a new primary, `start-view` of a view that has begun, `recovery` of a lost log, `repair` of our
 *   own with damaged entries, `epoch`: the log that ended the epoch before.
 * - `source`: who offers it, and is asked first; when it does not answer, everyone else is.
 * - `viewNumber`: of this epoch; v' when the log is installed, and the view that then begins.
 * - `opNumber`, `headHash`: its head. `commitNumber`: how far it is known to be committed.
 * - `encodedTail`: its end, as far as it came with the message; may be empty.
 */
export type Wanted = Pick<
  Installation,
  'reason' | 'source' | 'viewNumber' | 'opNumber' | 'headHash' | 'commitNumber'
> & { readonly encodedTail: Entries };

/**
 * Makes another replica's log ours, in one piece: its end is taken from the message, what lies before is fetched
 * backward by hash until it meets our own log, and until then nothing of ours changes. When the log is on the disk
 * `onStored` begins the view (or the epoch). One at a time: a later one replaces it. Nothing is asked of the caller in
 * between but `pollInstallation` with every tick. What is staged is what the log will be, so it needs no bound of its
 * own: whoever lags further than others' logs reach is given a checkpoint. (VRR §4.2, steps 3 and 5, §5.2; E7, E14, E19)
 */
export function beginInstallation(
  state: ReplicaState,
  { encodedTail, ...wanted }: Wanted,
  now: Now,
  out: Outbox,
): void {
  const staged = new StagedLog({ opNumber: wanted.opNumber, hash: wanted.headHash });
  const tail = readEntries(encodedTail, state.hash);
  if (tail === undefined || (tail.length > 0 && !staged.take(tail))) {
    return out.alarm(`replica ${wanted.source} sent a log that is not one: peer contradicts us`);
  }
  const installation: Installation = {
    ...wanted,
    staged,
    ticket: nextTicket(state),
    asked: 0,
    refused: 0,
    askedAtPiece: 0,
    askedAtMs: now.monotonicMs,
    afterOp: opNumber(0),
    storeNumber: undefined,
  };
  state.viewChange.installation = installation;
  if (isOvertaken(state, installation)) return settleAtCheckpoint(state, installation, now, out);
  advance(state, installation, now, out);
}

/** Our state is that of a checkpoint now: what follows it is enough. (VRR §5.2) */
export function continueInstallation(state: ReplicaState, now: Now, out: Outbox): void {
  const { installation } = state.viewChange;
  if (installation === undefined || installation.storeNumber !== undefined) return;
  if (isOvertaken(state, installation)) return settleAtCheckpoint(state, installation, now, out);
  advance(state, installation, now, out);
}

/** A piece of the log has come: whoever sent it, the chain proves it. (E19) */
export function takePiece(
  state: ReplicaState,
  installation: Installation,
  entries: readonly LogEntry[],
  now: Now,
  out: Outbox,
): void {
  if (!installation.staged.take(entries)) {
    // One that is repeated or late is nothing new; one that is empty says that its sender has no more than that.
    if (entries.length === 0) askNextSource(state, installation, now, out);
    return;
  }
  installation.refused = 0;
  installation.askedAtPiece = installation.asked;
  // As long as it comes, nobody need give up on the view.
  state.viewChange.enteredAtMs = now.monotonicMs;
  advance(state, installation, now, out);
}

/**
 * The log that was wanted is not to be had any more, the group has gone on: with the promise on its disk this replica says
 * DOVIEWCHANGE, and is told of the view there is.
 */
export function abandonInstallation(state: ReplicaState, reason: string, out: Outbox): void {
  state.viewChange.installation = undefined;
  out.protocol('state-transfer', reason);
  if (state.status === 'view-change') store(state, { promise: true }, out);
}

/** Every tick: a question that nobody has answered goes to another. */
export function pollInstallation(state: ReplicaState, now: Now, out: Outbox): void {
  const { installation } = state.viewChange;
  if (installation === undefined || installation.storeNumber !== undefined) return;
  pollPiece(state, installation, now, out);
}

/** Equal hashes at one op mean equal logs up to it, so one look tells whether what is staged continues our log. */
function advance(state: ReplicaState, installation: Installation, now: Now, out: Outbox): void {
  const { staged } = installation;
  takeReadable(state, staged);
  if (lacksState(state)) return askForPiece(state, installation, opNumber(0), now, out);
  const place = meetingPlace(state, staged);
  if (place !== undefined && mayContinueAt(state, place)) {
    return replaceLog(state, installation, place, now, out);
  }
  const settled = settledHere(state);
  if (staged.below.opNumber <= settled) {
    // Only a checkpoint can have settled what a view, or our own log, did not have: a later view has committed it.
    assert(isFromCheckpoint(state, settled), 'what was executed is in every later view', {
      settled,
    });
    return abandonInstallation(state, 'the group has gone on with another log', out);
  }
  askForPiece(state, installation, settled, now, out);
}

/** What our own disk still has behind damaged entries need not travel. (E42) */
function takeReadable(state: ReplicaState, staged: StagedLog): void {
  for (;;) {
    const entry = readableAt(state, staged.below);
    if (entry === undefined) return;
    staged.take([entry]);
  }
}

/** The lowest place that both logs can know. */
function meetingPlace({ log }: ReplicaState, staged: StagedLog): LogPlace | undefined {
  const op = opNumber(Math.max(staged.below.opNumber, log.base.opNumber));
  const hash = staged.hashAt(op);
  return hash === undefined ? undefined : { opNumber: op, hash };
}

/** Up to here our log is that of every later view: it is executed, or let go of. */
function settledHere(state: ReplicaState): OpNumber {
  return state.stateWhole ? neededAfter(state) : state.log.base.opNumber;
}

function isFromCheckpoint({ stores, log }: ReplicaState, settled: OpNumber): boolean {
  return Math.max(stores.checkpoint?.opNumber ?? 0, log.base.opNumber) >= settled;
}

/** A checkpoint has brought us further than the log that we wanted reaches: the group has gone on since. */
function isOvertaken({ log, stores }: ReplicaState, { staged }: Installation): boolean {
  const reached = Math.max(log.base.opNumber, stores.checkpoint?.opNumber ?? 0);
  return staged.head.opNumber < reached;
}

/**
 * What a checkpoint holds is committed, and stands in the place of the wanted log: whatever of that log was committed is in
 * it, and who has more of that log has a longer one. A new primary, though, sees that a later view than its own has
 * already committed something, and waits for that. (E38; ADR 10)
 */
function settleAtCheckpoint(
  state: ReplicaState,
  installation: Installation,
  now: Now,
  out: Outbox,
): void {
  const { log, viewChange } = state;
  if (installation.reason === 'chosen') {
    return abandonInstallation(state, `view ${state.viewNumber} has been overtaken`, out);
  }
  const op = opNumber(Math.max(log.base.opNumber, state.stores.checkpoint?.opNumber ?? 0));
  const hash = log.hashAt(op);
  assert(hash !== undefined, 'a log reaches its checkpoint', { op });
  const staged = new StagedLog({ opNumber: op, hash });
  const settled = { ...installation, opNumber: op, headHash: hash, staged };
  viewChange.installation = settled;
  advance(state, settled, now, out);
}
