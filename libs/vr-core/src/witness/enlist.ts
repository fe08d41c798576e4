import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { OpNumber, ReplicaNumber } from '../numbers/numbers';
import { othersOf, type ReplicaState } from '../state/replica-state';
import { countHeld } from './log-bound';
import { moveBase } from './base';
import { hasWitnesses, otherActivesOf } from './members';

/**
 * A view begins with its witnesses enlisted: there would hardly be a new view if every active were well. They are
 * released when all actives have its first op.
 */
export function enlistAtStart(state: ReplicaState, firstOp: OpNumber, now: Now): void {
  enlist(state, firstOp, now);
  state.witness.beatAtMs = now.monotonicMs;
}

/**
 * Every tick at the primary: are all actives there? Only what is sent depends on the answer, and how soon something is
 * committed, never what counts as committed. (VRR §6.1; ADR 12)
 */
export function pollWitnesses(state: ReplicaState, now: Now, out: Outbox): void {
  if (!hasWitnesses(state)) return;
  const { witness, log } = state;
  moveBase(state);
  noteProgress(state, now);
  if (witness.enlistedAtOp === undefined) {
    const reason = missingActive(state, now) ?? stuck(state, now);
    if (reason === undefined) return;
    enlist(state, log.opNumber, now);
    out.protocol('witness', `enlists the witnesses: ${reason}`);
  } else if (missingActive(state, now) === undefined && allActivesFollow(state)) {
    witness.enlistedAtOp = undefined;
    witness.full = false;
    out.protocol('witness', `releases the witnesses at op ${log.opNumber}`);
  } else {
    countHeld(state, out);
  }
}

/**
 * Who hears the COMMIT that is due: witnesses now and then, so that they know that there is a primary, and often enough
 * not to follow the suspicion of a single active. (E16)
 */
export function beatTo(state: ReplicaState, now: Now): readonly ReplicaNumber[] {
  const { witness, limits } = state;
  const isDue = now.monotonicMs - witness.beatAtMs >= limits.stickyMs / 2;
  if (witness.enlistedAtOp === undefined && !isDue) return otherActivesOf(state);
  witness.beatAtMs = now.monotonicMs;
  return othersOf(state);
}

function enlist(state: ReplicaState, atOp: OpNumber, now: Now): void {
  const { witness } = state;
  witness.enlistedAtOp = hasWitnesses(state) ? atOp : undefined;
  witness.countedBase = witness.base;
  witness.countedOp = witness.base;
  witness.countedBytes = 0;
  witness.full = false;
  witness.seenCommit = state.commitNumber;
  witness.progressAtMs = now.monotonicMs;
}

/** Without a witness every commit needs every active: one that does not answer stops it. */
function noteProgress(state: ReplicaState, now: Now): void {
  const { witness, commitNumber, log, primary } = state;
  const waits = commitNumber < log.opNumber || primary.questions.length > 0;
  if (waits && commitNumber === witness.seenCommit) return;
  witness.seenCommit = commitNumber;
  witness.progressAtMs = now.monotonicMs;
}

function stuck(state: ReplicaState, now: Now): string | undefined {
  const { witness, limits, commitNumber } = state;
  if (now.monotonicMs - witness.progressAtMs < limits.witnessAfterMs) return undefined;
  return `nothing is committed after op ${commitNumber} for ${limits.witnessAfterMs} ms`;
}

function missingActive(state: ReplicaState, now: Now): string | undefined {
  const { primary, limits, lostPeers } = state;
  for (const active of otherActivesOf(state)) {
    if (lostPeers[active] === true) return `the connection to replica ${active} is closed`;
    const heardAtMs = primary.acknowledgements.heardAtMs(active) ?? primary.normalSinceMs;
    if (now.monotonicMs - heardAtMs >= limits.witnessAfterMs) return `replica ${active} is silent`;
  }
  return undefined;
}

/** No active is further behind than a pipeline is long, and none lacks what made us enlist. */
function allActivesFollow(state: ReplicaState): boolean {
  const { witness, log, limits, primary } = state;
  const needed = Math.max(witness.enlistedAtOp ?? 0, log.opNumber - limits.pipelineMax);
  return otherActivesOf(state).every((active) => primary.acknowledgements.heldBy(active) >= needed);
}
