import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { OpNumber, ReplicaNumber } from '../numbers/numbers';
import type { Installation } from '../state/installation';
import { GENESIS } from '../state/log-place';
import { lacksState } from '../witness/kept-state';
import { headerOf, othersOf, type ReplicaState } from '../state/replica-state';

/** ⟨GETLOG⟩ for the piece that ends where what is staged begins; nothing up to `afterOp` is wanted. (E19; protocol §1.3) */
export function askForPiece(
  state: ReplicaState,
  installation: Installation,
  afterOp: OpNumber,
  now: Now,
  out: Outbox,
): void {
  installation.afterOp = afterOp;
  const source = sourceOf(state, installation);
  installation.askedAtMs = now.monotonicMs;
  if (source === undefined || (lacksState(state) && state.transfer !== undefined)) return;
  // Nothing can be asked for below all logs; but who is asked for that says which checkpoint it has.
  const { opNumber, hash } = lacksState(state) ? GENESIS : installation.staged.below;
  out.protocol('state-transfer', `asks replica ${source} for ops ${afterOp + 1} to ${opNumber}`);
  out.send(source, {
    kind: 'GetLog',
    ...headerOf(state),
    opNumber,
    entryHash: hash,
    afterOp,
    ticket: installation.ticket,
  });
}

/** This source does not have it: the next one is asked at once, and when all have been, again after a while. */
export function askNextSource(
  state: ReplicaState,
  installation: Installation,
  now: Now,
  out: Outbox,
): void {
  installation.refused += 1;
  if (installation.refused >= sourcesOf(state, installation).length) return;
  installation.asked += 1;
  askForPiece(state, installation, installation.afterOp, now, out);
}

/** Since the last piece each source has had its turn: it lacks what is wanted, or did not answer. */
export function hasAskedEveryone(state: ReplicaState, installation: Installation): boolean {
  const { asked, askedAtPiece } = installation;
  return asked - askedAtPiece + 1 >= sourcesOf(state, installation).length;
}

export function pollPiece(
  state: ReplicaState,
  installation: Installation,
  now: Now,
  out: Outbox,
): void {
  if (now.monotonicMs - installation.askedAtMs < state.limits.resendMs) return;
  installation.refused = 0;
  installation.asked += 1;
  askForPiece(state, installation, installation.afterOp, now, out);
}

/** The one whose turn it is. Those said to be out of reach come last, but they come: that is a hint, and may be wrong. */
function sourceOf(state: ReplicaState, installation: Installation): ReplicaNumber | undefined {
  const sources = sourcesOf(state, installation);
  const isLost = (number: ReplicaNumber): boolean => state.lostPeers[number] === true;
  const inOrder = [
    ...sources.filter((number) => !isLost(number)),
    ...sources.filter((number) => isLost(number)),
  ];
  return inOrder[installation.asked % inOrder.length];
}

/** Who offers the log, then every other member of this epoch and of the one before. */
function sourcesOf(state: ReplicaState, { source }: Installation): readonly ReplicaNumber[] {
  const members = state.epoch.previous?.members ?? [];
  const earlier = members.map((member) => member.replicaNumber);
  const sources = new Set([source, ...othersOf(state), ...earlier]);
  sources.delete(state.self);
  return [...sources];
}
