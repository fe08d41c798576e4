import type { ReadResult } from '../boundary/effect';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { Malformed } from '../encoding/malformed';
import type { ProblemCode } from '../execution/answer';
import { clockNow } from '../clock/cluster-clock';
import { isNormalPrimary, type ReplicaState } from '../state/replica-state';
import type { ParkedRead } from '../state/parked';

/** Answers reads whose op has been executed here. (VRR §6.3) */
export function answerReadyReads(state: ReplicaState, now: Now, out: Outbox): void {
  if (!state.stateWhole) return;
  for (const parked of state.door.reads.values()) {
    if (parked.atOp !== undefined && parked.atOp <= state.execution.executed) {
      answerRead(state, parked, now, out);
    }
  }
}

export function answerRead(state: ReplicaState, parked: ParkedRead, now: Now, out: Outbox): void {
  state.door.reads.delete(parked.ticket);
  out.add({ kind: 'read', readId: parked.read.readId, result: resultOf(state, parked, now) });
}

export function endRead(
  state: ReplicaState,
  parked: ParkedRead,
  code: ProblemCode | 'too-stale' | 'no-lease',
  out: Outbox,
): void {
  state.door.reads.delete(parked.ticket);
  out.add({ kind: 'read', readId: parked.read.readId, result: { kind: 'problem', code } });
}

/** Time since this replica last heard from the primary of its view; 0 at the primary. (decision 37) */
export function lagMs(state: ReplicaState, now: Now): number {
  return isNormalPrimary(state) ? 0 : Math.max(0, now.monotonicMs - state.backup.heardAtMs);
}

function resultOf(state: ReplicaState, { read, leased }: ParkedRead, now: Now): ReadResult {
  const { execution } = state;
  try {
    const asOf = isNormalPrimary(state) ? clockNow(state) : execution.clusterMs;
    return {
      kind: 'outcome',
      outcome: execution.read(read.service, read.query, asOf),
      served: read.consistency.kind === 'stale' ? 'stale' : leased ? 'lease' : 'index',
      opNumber: execution.executed,
      clusterMs: asOf,
      lagMs: lagMs(state, now),
    };
  } catch (fault) {
    // A query changes nothing, so a plug-in's fault in it harms nobody but the one who asked.
    if (fault instanceof Malformed) {
      return { kind: 'malformed', field: fault.field, problem: fault.problem };
    }
    if (fault instanceof RangeError) return { kind: 'problem', code: 'unknown-service' };
    return { kind: 'problem', code: 'internal-error' };
  }
}
