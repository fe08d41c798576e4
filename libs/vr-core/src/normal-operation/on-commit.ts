import { learnAgreed } from '../checkpoint/agree';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { Commit } from '../messages/commit';
import { assert } from '../state/assert';
import { isPrimary, type ReplicaState } from '../state/replica-state';
import { dropBehindBase, learnBase } from '../witness/base';
import { hearPrimary } from './hear-primary';
import { learnCommit } from './learn-commit';
import { acknowledge } from './send-prepare-ok';

/** The heartbeat: what is committed, and a question whether we are still of this view. (VRR §4.1, step 6; decision 9) */
export function onCommit(state: ReplicaState, commit: Commit, now: Now, out: Outbox): void {
  if (isPrimary(state)) return out.ignore(commit, 'not from the primary');
  hearPrimary(state, commit, now);
  const ours = state.log.hashAt(commit.commitNumber);
  // Executing another entry than the group's would be worse than stopping. (decision 26)
  assert(
    ours === undefined || ours === commit.commitHash,
    'what the group has committed is what we hold',
    { op: commit.commitNumber },
  );
  learnCommit(state, commit.commitNumber, now, out);
  learnBase(state, commit.witnessBase);
  dropBehindBase(state, out);
  learnAgreed(state, commit.agreed, now, out);
  acknowledge(state, 'CommitOk', out);
}
