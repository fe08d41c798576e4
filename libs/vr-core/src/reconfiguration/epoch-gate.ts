import type { Ignored } from '../boundary/ignored';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { Message } from '../messages/message';
import { isMember } from '../state/configuration';
import type { ReplicaState } from '../state/replica-state';
import { viewNumber } from '../numbers/numbers';
import { askForEpoch, tellNewEpoch } from './tell-epoch';

type Kinds = ReadonlySet<Message['kind']>;

/** What hashes prove is true in any epoch, whoever says it. (E19) */
const OF_ANY_EPOCH: Kinds = new Set(['GetLog', 'LogSegment', 'GetBlocks', 'Blocks']);

/** What tells of an epoch is heard before it is ours. */
const NEWS: Kinds = new Set(['StartEpoch', 'NewEpoch']);

/** Also from replicas that are not members: one that has been replaced tells and serves, a newcomer asks. */
const FROM_ANYONE: Kinds = new Set([...OF_ANY_EPOCH, ...NEWS, 'GetState']);

/**
 * Epochs are not mixed: a message of an older one is answered with the group as it is now, one of a newer one is not
 * understood until that epoch is known. Only members have a say. (VRR §7.1, §7.4; §1.0)
 */
export function epochRefusal(
  state: ReplicaState,
  message: Message,
  now: Now,
  out: Outbox,
): Ignored | undefined {
  const { kind, replicaNumber, epochNumber } = message;
  if (epochNumber === state.epochNumber) {
    const mayAsk = isMember(state.epoch.configuration, replicaNumber) || FROM_ANYONE.has(kind);
    return mayAsk ? undefined : 'not a member';
  }
  const isNews = epochNumber > state.epochNumber && NEWS.has(kind);
  if (epochNumber < state.epochNumber) tellNewEpoch(state, replicaNumber, now, out);
  else if (!isNews) askForEpoch(state, replicaNumber, now, out);
  return isNews || OF_ANY_EPOCH.has(kind) ? undefined : 'another epoch';
}

/** What a replica without a part in its epoch's views still takes. */
const BETWEEN_EPOCHS: Kinds = new Set([...FROM_ANYONE, 'EpochStarted', 'NewState']);

/**
 * Before a member holds all of the epoch before it takes no part in the new one: it only remembers which view there is.
 * Neither do those that are not members. (§1.8, R5; E29)
 */
export function standingRefusal(state: ReplicaState, message: Message): Ignored | undefined {
  const { status, reconfiguration } = state;
  if (status !== 'transitioning' && status !== 'learner' && status !== 'retired') return undefined;
  if (BETWEEN_EPOCHS.has(message.kind)) return undefined;
  reconfiguration.laterView = viewNumber(Math.max(reconfiguration.laterView, message.viewNumber));
  return status === 'transitioning' ? 'between epochs' : 'no member here';
}
