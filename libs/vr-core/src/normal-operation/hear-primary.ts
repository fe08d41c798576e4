import type { Now } from '../boundary/input';
import type { Commit } from '../messages/commit';
import type { Prepare } from '../messages/prepare';
import type { StartView } from '../messages/start-view';
import { renewGrant } from '../reads/lease-grant';
import type { ReplicaState } from '../state/replica-state';

/** The primary of this view is alive: suspicion starts anew, and our own vote to leave is taken back. (VRR §4.2; E16) */
export function hearPrimary(
  state: ReplicaState,
  message: Prepare | Commit | StartView,
  now: Now,
): void {
  const { backup } = state;
  backup.silentMs = 0;
  backup.heardAtMs = now.monotonicMs;
  if (backup.primaryIncarnation !== message.incarnation) backup.seenBeat = 0;
  backup.primaryIncarnation = message.incarnation;
  if (message.kind !== 'StartView') {
    renewGrant(state, message, now);
    backup.seenBeat = Math.max(backup.seenBeat, message.beat);
  }
  if (!backup.abdicated) state.viewChange.votes[state.self] = undefined;
}
