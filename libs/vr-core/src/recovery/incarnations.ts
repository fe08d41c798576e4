import type { Outbox } from '../boundary/outbox';
import type { Message } from '../messages/message';
import { headerOf, knownIncarnations, type ReplicaState } from '../state/replica-state';

/**
 * An older life of a replica may have promised or acknowledged what the present one no longer knows: whoever knows of a
 * later life drops it, and whoever hears of one from others knows it too. False for a message of an older life.
 * (E1 b; decision 3)
 */
export function learnIncarnation(state: ReplicaState, message: Message, out: Outbox): boolean {
  const { incarnations } = state;
  if ('incarnations' in message && !learnVector(state, message.incarnations, out)) return false;
  const known = incarnations[message.replicaNumber];
  if (known !== undefined && message.incarnation < known) {
    if (message.kind === 'Recovery') tellFenced(state, message, out);
    return false;
  }
  incarnations[message.replicaNumber] = message.incarnation;
  return true;
}

type Vector = Extract<Message, { kind: 'DoViewChange' }>['incarnations'];

function learnVector(state: ReplicaState, vector: Vector, out: Outbox): boolean {
  const { incarnations } = state;
  for (const { replicaNumber, incarnation } of vector) {
    if (incarnation <= (incarnations[replicaNumber] ?? -1)) continue;
    if (replicaNumber === state.self) return haltAsOlderLife(state, incarnation, out);
    incarnations[replicaNumber] = incarnation;
  }
  return true;
}

/** Everything this life would say is dropped elsewhere: there is, or was, a later one. */
function haltAsOlderLife(state: ReplicaState, later: number, out: Outbox): false {
  const reason =
    `the group knows incarnation ${later} of this replica, this one is ${state.incarnation}: ` +
    'another process works under its number, or the wall clock stood lower when it returned without its disk';
  out.add({ kind: 'halt', reason });
  return false;
}

/** A replica that returned with too low an incarnation would ask for ever: it is shown the one that is known. */
function tellFenced(
  state: ReplicaState,
  { replicaNumber, nonce }: Extract<Message, { kind: 'Recovery' }>,
  out: Outbox,
): void {
  // Only from a view that the disk knows. (E1)
  if (state.status !== 'normal') return;
  out.send(replicaNumber, {
    kind: 'RecoveryResponse',
    ...headerOf(state),
    nonce,
    head: undefined,
    incarnations: knownIncarnations(state),
  });
}
