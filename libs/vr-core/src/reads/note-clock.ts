import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { CommitOk } from '../messages/commit-ok';
import type { PrepareOk } from '../messages/prepare-ok';
import type { ReplicaState } from '../state/replica-state';
import { markOf } from './lease';

/**
 * An acknowledgement says how its sender's clock stood after the beat that it echoes: now and then that is compared
 * with ours. Leases rest on the rates of clocks, so a primary that finds them apart holds none. (E37 b; decision 7)
 */
export function noteClock(
  state: ReplicaState,
  ok: PrepareOk | CommitOk,
  now: Now,
  out: Outbox,
): void {
  const { rates } = state.leases;
  const { replicaNumber, incarnation, clockMs } = ok;
  if (!rates.isDue(replicaNumber, now.monotonicMs)) return;
  const sent = markOf(state, ok.beat);
  if (sent === undefined) return;
  const sample = {
    incarnation,
    fromMs: sent.monotonicMs,
    toMs: now.monotonicMs,
    theirsMs: clockMs,
  };
  if (rates.note(replicaNumber, sample, state.limits.clockDrift)) {
    out.alarm(`the clock of replica ${replicaNumber} and ours run at different rates: no leases`);
  }
}
