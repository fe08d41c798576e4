import type { Input, Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { advanceClock } from '../clock/cluster-clock';
import { onKeepAlive } from '../client/on-keep-alive';
import { onRequest } from '../client/on-request';
import { createExecution, type Execution } from '../execution/execution';
import { nextOp, nextView, type OpNumber } from '../numbers/numbers';
import { mendDisk } from '../recovery/mend-disk';
import { followEpoch } from '../reconfiguration/enter-epoch';
import { onRead } from '../reads/on-read';
import { assert } from '../state/assert';
import { onRestore } from '../checkpoint/on-restore';
import { activesOf } from '../state/configuration';
import { onLoaded } from '../state-transfer/on-loaded';
import { DEFAULT_LIMITS } from '../state/limits';
import { initialState } from '../state/initial-state';
import type { LogEntry } from '../state/log-entry';
import type { LogPlace } from '../state/log-place';
import { isNormalPrimary, nextTicket, type ReplicaState } from '../state/replica-state';
import { closedDoor, refuseClient } from '../witness/refuse-client';
import { vote } from '../view-change/vote';
import { checkInvariants } from './invariants';
import { onFlush } from './on-flush';
import { onMessage } from './on-message';
import { onStart } from './on-start';
import { onStored } from './on-stored';
import { onTick } from './on-tick';
import type { Replica, ReplicaOptions } from './replica';
import type { ReplicaView } from './replica-view';
import { viewOf } from './view-of';

export function createReplica(options: ReplicaOptions): Replica {
  return new PureReplica(options);
}

class PureReplica implements Replica {
  readonly execution: Execution;
  private readonly state: ReplicaState;
  private started = false;

  constructor(options: ReplicaOptions) {
    const { checkpointOps, checkpointBytes } = { ...DEFAULT_LIMITS, ...options.limits };
    this.execution = createExecution({
      plugins: options.plugins,
      hash: options.hash,
      cadence: { ops: checkpointOps, bytes: checkpointBytes },
    });
    this.state = initialState({ ...options, execution: this.execution });
  }

  step(input: Input, now: Now, out: Outbox): void {
    const begins = input.kind === 'start' || input.kind === 'restore';
    assert(this.started !== begins, 'a life starts once, and first', { input: input.kind });
    this.started ||= input.kind === 'start';
    if (isNormalPrimary(this.state)) advanceClock(this.state, now);
    handle(this.state, input, now, out);
    followEpoch(this.state, now, out);
    checkInvariants(this.state);
  }

  committedAfter({ opNumber, hash }: LogPlace, through: OpNumber): readonly LogEntry[] | undefined {
    const { log, commitNumber } = this.state;
    if (through > Math.min(commitNumber, log.opNumber) || through < opNumber) return undefined;
    if (log.hashAt(opNumber) !== hash) return undefined;
    return log.slice(nextOp(opNumber), through);
  }

  view(now: Now): ReplicaView {
    return viewOf(this.state, now);
  }
}

function handle(state: ReplicaState, input: Input, now: Now, out: Outbox): void {
  switch (input.kind) {
    case 'restore':
      return onRestore(state, input.pages);
    case 'start':
      return onStart(state, input.life, now, out);
    case 'tick':
      return onTick(state, now, out);
    case 'flush':
      return onFlush(state, now, out);
    case 'message':
      return onMessage(state, input.message, now, out);
    case 'stored':
      return onStored(state, input.storeNumber, now, out);
    case 'request':
    case 'keep-alive':
    case 'read': {
      const closed = closedDoor(state);
      if (closed !== undefined) return refuseClient(input, closed, out);
      return handleClient(state, input, now, out);
    }
    case 'peer-lost':
      state.lostPeers[input.replicaNumber] = true;
      return;
    case 'peer-found':
      state.lostPeers[input.replicaNumber] = false;
      return;
    case 'step-down':
      return stepDown(state, now, out);
    case 'loaded':
      return onLoaded(state, input.ticket, input.pages, out);
    case 'damaged':
      return mendDisk(state, input, out);
  }
}

type ClientInput = Extract<Input, { kind: 'request' | 'keep-alive' | 'read' }>;

function handleClient(state: ReplicaState, input: ClientInput, now: Now, out: Outbox): void {
  switch (input.kind) {
    case 'request':
      return onRequest(state, input.request, input.deadlineMs, now, out);
    case 'keep-alive': {
      const { keepAliveId, session, principal, deadlineMs } = input;
      const sentAtMs = now.monotonicMs;
      const ticket = nextTicket(state);
      const parked = { ticket, keepAliveId, session, principal, deadlineMs, sentAtMs };
      return onKeepAlive(state, parked, now, out);
    }
    case 'read':
      return onRead(state, input.read, now, out);
  }
}

/** The primary's own vote: everyone follows at once, and the next view begins without a silence. (decision 8) */
function stepDown(state: ReplicaState, now: Now, out: Outbox): void {
  if (!isNormalPrimary(state) || activesOf(state.epoch.configuration).length === 1) return;
  state.backup.abdicated = true;
  out.protocol('step-down', `leaves view ${state.viewNumber}`);
  vote(state, nextView(state.viewNumber), 'steps down', now, out);
}
