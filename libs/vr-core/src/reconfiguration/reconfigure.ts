import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { answerTo } from '../client/answer-to';
import { Malformed } from '../encoding/malformed';
import {
  decodeGroupOperation,
  encodeGroupOutcome,
  GROUP,
  type Objection,
  type Reconfigure,
} from '../group/operations';
import type { Request, SealedRequest } from '../messages/request';
import { epochNumber, replicaNumber, type ReplicaNumber } from '../numbers/numbers';
import { proposeEntry } from '../normal-operation/close-batch';
import { numberAfter, type Configuration, type Member } from '../state/configuration';
import type { ReplicaState } from '../state/replica-state';
import { epochEndsHere } from './epoch-end';
import { heardLately, isPromoted, objectionsTo, obstaclesTo } from './objections';

/** The reconfiguration that a request asks for, if it does. */
export function reconfigurationOf({ service, operation }: Request): Reconfigure | undefined {
  if (service !== GROUP) return undefined;
  try {
    const decoded = decodeGroupOperation(operation);
    return decoded.kind === 'reconfigure' ? decoded : undefined;
  } catch (fault) {
    if (fault instanceof Malformed) return undefined;
    throw fault;
  }
}

/**
 * ⟨RECONFIGURATION⟩ reaches the primary. What is wrong for good is refused at once, as an outcome that the log never
 * sees; what is only not yet right waits. (VRR §7.1; §1.8, R1-R2)
 */
export function considerReconfiguration(
  state: ReplicaState,
  sealed: SealedRequest,
  wanted: Reconfigure,
  from: ReplicaNumber,
  out: Outbox,
): void {
  const { reconfiguration, primary } = state;
  const objections = objectionsTo(state.epoch.configuration, wanted);
  if (reconfiguration.waiting !== undefined || epochEndsHere(state)) objections.push('under-way');
  if (objections.length > 0) return refuse(state, sealed, [from], objections, out);
  primary.inFlight.set(sealed.name, [from]);
  reconfiguration.waiting = { sealed, wanted, sinceMs: state.lastTickMs };
}

/** At the end of each turn of a primary: the new group may be ready now, or have had time enough. */
export function pollReconfiguration(state: ReplicaState, now: Now, out: Outbox): void {
  const { waiting } = state.reconfiguration;
  if (waiting === undefined) return;
  const { sealed, wanted, sinceMs } = waiting;
  const obstacles = obstaclesTo(state, wanted, now);
  if (obstacles.length === 0) return propose(state, sealed, wanted, now, out);
  if (now.monotonicMs - sinceMs < state.limits.warmUpMs) return;
  state.reconfiguration.waiting = undefined;
  const doors = state.primary.inFlight.get(sealed.name) ?? [];
  state.primary.inFlight.delete(sealed.name);
  refuse(state, sealed, doors, obstacles, out);
}

/** Alone in its entry, and nothing after it: the log of this epoch ends here. (VRR §7.1; §1.8, R3; E32) */
function propose(
  state: ReplicaState,
  sealed: SealedRequest,
  wanted: Reconfigure,
  now: Now,
  out: Outbox,
): void {
  state.reconfiguration.waiting = undefined;
  const configuration = nextConfiguration(state, wanted, now);
  const numbers = configuration.members.map((member) => member.replicaNumber).join(', ');
  out.protocol(
    'reconfiguration',
    `epoch ${configuration.epochNumber} is proposed with replicas ${numbers}`,
  );
  const requests = [sealed.encoded];
  const body = { newView: false, touched: undefined, requests, sealed: [sealed] };
  proposeEntry(state, { ...body, reconfiguration: configuration }, now, out);
}

/**
 * The order of the primaries is the client's, but for the beginning: this primary, if it stays, goes on without a
 * pause, and nobody waits for a member that is silent now, or has no state yet.
 */
function nextConfiguration(state: ReplicaState, wanted: Reconfigure, now: Now): Configuration {
  const current = state.epoch.configuration;
  const isReadyToLead = (member: Member): boolean =>
    heardLately(state, member.replicaNumber, now) && !isPromoted(current, member);
  const rank = (member: Member): number =>
    member.replicaNumber === state.self ? 0 : isReadyToLead(member) ? 1 : 2;
  const { nextReplicaNumber } = current;
  return {
    epochNumber: epochNumber(wanted.epochNumber + 1),
    members: [...wanted.members].sort((a, b) => rank(a) - rank(b)),
    nextReplicaNumber: replicaNumber(Math.max(nextReplicaNumber, numberAfter(wanted.members))),
  };
}

function refuse(
  state: ReplicaState,
  { name, request }: SealedRequest,
  doors: readonly ReplicaNumber[],
  objections: readonly Objection[],
  out: Outbox,
): void {
  out.protocol('reconfiguration', `refused: ${objections.join(', ')}`);
  const bytes = encodeGroupOutcome({ kind: 'refused', objections });
  const opNumber = state.execution.executed;
  const answer = {
    kind: 'outcome',
    refused: true,
    bytes,
    opNumber,
    index: 0,
    replayed: false,
  } as const;
  for (const door of doors) answerTo(state, door, [{ name, request, answer }], out);
}
