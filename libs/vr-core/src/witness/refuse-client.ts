import type { Input } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { isNoMember } from '../reconfiguration/turn-away';
import { isWitnessHere, type ReplicaState } from '../state/replica-state';

/**
 * A witness executes nothing, and who is not a member has no part in what is executed: they have no door, and whoever
 * asks here is told to ask an active member. (VRR §6.1, §7.4)
 */
export function closedDoor(state: ReplicaState): 'witness' | 'moved' | undefined {
  if (state.status !== 'normal' && isNoMember(state)) return 'moved';
  return isWitnessHere(state) ? 'witness' : undefined;
}

export function refuseClient(
  input: Extract<Input, { kind: 'request' | 'keep-alive' | 'read' }>,
  code: 'witness' | 'moved',
  out: Outbox,
): void {
  const problem = { kind: 'problem', code } as const;
  switch (input.kind) {
    case 'request':
      return out.add({ kind: 'answer', request: input.request, answer: problem });
    case 'keep-alive':
      return out.add({ kind: 'kept-alive', keepAliveId: input.keepAliveId, result: problem });
    case 'read':
      return out.add({ kind: 'read', readId: input.read.readId, result: problem });
  }
}
