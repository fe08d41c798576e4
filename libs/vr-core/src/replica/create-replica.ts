import type { Input, Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { advanceClock, clockNow } from '../clock/cluster-clock';
import { onKeepAlive } from '../client/on-keep-alive';
import { onRequest } from '../client/on-request';
import type { ByteString } from '../encoding/byte-string';
import { createExecution, type Execution } from '../execution/execution';
import { incarnation, monotonicMs, nextView, opNumber, viewNumber } from '../numbers/numbers';
import { lagMs } from '../reads/answer-read';
import { onRead } from '../reads/on-read';
import { Acknowledgements } from '../state/acknowledgements';
import { assert } from '../state/assert';
import { DEFAULT_LIMITS } from '../state/limits';
import { Log } from '../state/log';
import {
  isNormalPrimary,
  isPrimary,
  nextTicket,
  primaryOfView,
  type ReplicaState,
} from '../state/replica-state';
import { vote } from '../view-change/vote';
import { checkInvariants } from './invariants';
import { onFlush } from './on-flush';
import { onMessage } from './on-message';
import { onStart } from './on-start';
import { onStored } from './on-stored';
import { onTick } from './on-tick';
import type { Replica, ReplicaOptions } from './replica';
import type { ReplicaView } from './replica-view';

export function createReplica(options: ReplicaOptions): Replica {
  return new PureReplica(options);
}

class PureReplica implements Replica {
  readonly execution: Execution;
  private readonly state: ReplicaState;
  private started = false;

  constructor(options: ReplicaOptions) {
    this.execution = createExecution({ plugins: options.plugins, hash: options.hash });
    this.state = initialState(options, this.execution);
  }

  step(input: Input, now: Now, out: Outbox): void {
    assert(this.started !== (input.kind === 'start'), 'a life starts once, and first', {
      input: input.kind,
    });
    this.started = true;
    if (isNormalPrimary(this.state)) advanceClock(this.state, now);
    handle(this.state, input, now, out);
    checkInvariants(this.state);
  }

  view(now: Now): ReplicaView {
    return viewOf(this.state, now);
  }
}

function handle(state: ReplicaState, input: Input, now: Now, out: Outbox): void {
  switch (input.kind) {
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
    case 'peer-lost':
      state.lostPeers[input.replicaNumber] = true;
      return;
    case 'peer-found':
      state.lostPeers[input.replicaNumber] = false;
      return;
    case 'step-down':
      return stepDown(state, now, out);
  }
}

/** The primary's own vote: everyone follows at once, and the next view begins without a silence. (decision 8) */
function stepDown(state: ReplicaState, now: Now, out: Outbox): void {
  if (!isNormalPrimary(state) || state.configuration.nodeIds.length === 1) return;
  state.backup.abdicated = true;
  out.protocol('step-down', `leaves view ${state.viewNumber}`);
  vote(state, nextView(state.viewNumber), 'steps down', now, out);
}

function viewOf(state: ReplicaState, now: Now): ReplicaView {
  const { execution, primary, stores } = state;
  const serving =
    isNormalPrimary(state) && primary.inTouch && state.commitNumber >= primary.newViewOp;
  return {
    replicaNumber: state.self,
    incarnation: state.incarnation,
    status: state.status,
    epochNumber: state.epochNumber,
    viewNumber: state.viewNumber,
    lastNormalView: state.lastNormalView,
    primary: primaryOfView(state),
    serving,
    opNumber: state.log.opNumber,
    storedNumber: stores.storedNumber,
    commitNumber: state.commitNumber,
    executedNumber: execution.executed,
    clusterMs: isNormalPrimary(state) ? clockNow(state) : execution.clusterMs,
    lagMs: lagMs(state, now),
    parked: state.door.requests.size + state.door.reads.size + state.door.keepAlives.size,
    queued: primary.queue.length,
    internalErrors: [...execution.internalErrors.values()].reduce((sum, count) => sum + count, 0),
    acknowledged: isPrimary(state) ? primary.acknowledgements.all() : [],
  };
}

function initialState(options: ReplicaOptions, execution: Execution): ReplicaState {
  const { configuration, self, hash } = options;
  const size = configuration.nodeIds.length;
  const view = viewNumber(0);
  const viewstamp = { epochNumber: configuration.epochNumber, viewNumber: view };
  return {
    configuration,
    self,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    hash,
    execution,
    incarnation: incarnation(0),
    nonce: '' as ByteString,
    incarnations: [],
    status: 'recovering',
    epochNumber: configuration.epochNumber,
    viewNumber: view,
    lastNormalView: viewstamp,
    log: new Log(),
    commitNumber: opNumber(0),
    stores: {
      storeNumber: 0,
      pending: [],
      promised: viewstamp,
      storedNumber: opNumber(0),
      logVersion: 0,
    },
    primary: {
      acknowledgements: new Acknowledgements(size),
      sentAtMs: [],
      beat: 0,
      beatAtMs: 0,
      toldCommit: opNumber(0),
      normalSinceMs: 0,
      inTouch: false,
      queue: [],
      inFlight: new Map(),
      newViewOp: opNumber(0),
      tickOp: undefined,
      touchQueue: [],
      touchesSinceMs: 0,
      touchesInTick: [],
      questions: [],
      clock: { baseMs: 0, integratedMs: 0, lastMs: 0, clampedMs: 0 },
      wall: { baseSeconds: 0, baseNanos: 0, baseMs: 0, alarmed: false },
    },
    backup: {
      silentMs: 0,
      heardAtMs: 0,
      abdicated: false,
      primaryIncarnation: incarnation(0),
      seenBeat: 0,
      acknowledged: opNumber(0),
      transfer: undefined,
      askedViewAtMs: Number.NEGATIVE_INFINITY,
    },
    viewChange: {
      votes: new Array<undefined>(size).fill(undefined),
      received: new Array<undefined>(size).fill(undefined),
      own: undefined,
      enteredAtMs: 0,
      sentAtMs: 0,
      failed: 0,
      installation: undefined,
    },
    recovery: { responses: new Array<undefined>(size).fill(undefined), sentAtMs: 0 },
    door: {
      requests: new Map(),
      keepAlives: new Map(),
      reads: new Map(),
      forward: [],
      forwardKeepAlives: [],
      forwardReads: [],
    },
    lostPeers: new Array<boolean>(size).fill(false),
    hintedAtMs: new Array<number>(size).fill(Number.NEGATIVE_INFINITY),
    ticket: 0,
    lastTickMs: monotonicMs(0),
  };
}
