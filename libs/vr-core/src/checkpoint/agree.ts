import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { ReplicaNumber } from '../numbers/numbers';
import type { Checkpoint, CheckpointName } from '../state/checkpoint';
import { activesOf, quorumOf } from '../state/configuration';
import { isNormalPrimary, type ReplicaState } from '../state/replica-state';
import { fetchCheckpoint } from '../state-transfer/fetch-checkpoint';
import { diverge } from './diverge';
import { truncateLog } from './truncate-log';

/** Names remembered of each member: they may be some checkpoints apart. */
const TOLD_MAX = 4;

/** A backup has told its newest checkpoint. (T13; decision 19) */
export function noteCheckpoint(
  state: ReplicaState,
  from: ReplicaNumber,
  name: CheckpointName | undefined,
  now: Now,
  out: Outbox,
): void {
  if (name === undefined) return;
  const { told } = state.checkpointing;
  const names = (told[from] ??= []);
  if (names.at(-1)?.id === name.id) return;
  names.push(name);
  if (names.length > TOLD_MAX) names.shift();
  agree(state, now, out);
}

/**
 * The newest checkpoint of which a quorum has told the same id is the group's: logs may be cut behind it, since no f
 * failures take it away, and whoever has another id at its op is wrong. (E40; decision 19)
 */
export function agree(state: ReplicaState, now: Now, out: Outbox): void {
  if (!isNormalPrimary(state)) return;
  const names = namesTold(state);
  for (const own of [...state.checkpointing.own].reverse()) {
    if (own.opNumber <= (state.checkpointing.agreed?.opNumber ?? 0)) return;
    const ids = names.filter((one) => one.opNumber === own.opNumber).map((one) => one.id);
    const agreed = ids.find((id) => count(ids, id) >= quorumOf(state.epoch.configuration));
    if (agreed === own.id) return learnAgreed(state, own, now, out);
    if (agreed !== undefined) return diverge(state, own.opNumber, now, out);
    if (isHopeless(state, ids)) return alarmNobodyAgrees(state, own, out);
  }
}

/** The primary says what the group has agreed on. */
export function learnAgreed(
  state: ReplicaState,
  agreed: Checkpoint | undefined,
  now: Now,
  out: Outbox,
): void {
  if (agreed === undefined) return;
  const { checkpointing } = state;
  if (agreed.opNumber > (checkpointing.agreed?.opNumber ?? 0)) {
    checkpointing.agreed = agreed;
    compareWithAgreed(state, now, out);
    truncateLog(state);
  }
  // A state that is not whole has nothing better to become.
  if (!state.stateWhole && state.transfer === undefined) {
    fetchCheckpoint(state, agreed, state.self, now, out);
  }
}

export function compareWithAgreed(state: ReplicaState, now: Now, out: Outbox): void {
  const { agreed, own } = state.checkpointing;
  if (agreed === undefined || !state.stateWhole) return;
  const ours = own.find((one) => one.opNumber === agreed.opNumber);
  if (ours !== undefined && ours.id !== agreed.id) diverge(state, agreed.opNumber, now, out);
}

function namesTold({ epoch, self, checkpointing }: ReplicaState): readonly CheckpointName[] {
  return activesOf(epoch.configuration).flatMap(({ replicaNumber }) =>
    replicaNumber === self ? checkpointing.own : (checkpointing.told[replicaNumber] ?? []),
  );
}

const count = (ids: readonly string[], id: string): number =>
  ids.filter((one) => one === id).length;

/** All actives have told, and no id has a quorum. */
function isHopeless({ epoch }: ReplicaState, ids: readonly string[]): boolean {
  return ids.length === activesOf(epoch.configuration).length;
}

function alarmNobodyAgrees(state: ReplicaState, { opNumber }: Checkpoint, out: Outbox): void {
  if (!state.stateWhole) return;
  state.stateWhole = false;
  state.execution.suspend();
  out.alarm(
    `no quorum agrees on the state after op ${opNumber}: nothing is executed any more. ` +
      'Stop the group and restore it from a backup.',
  );
}
