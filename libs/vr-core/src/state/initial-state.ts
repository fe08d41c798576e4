import type { ByteString } from '../encoding/byte-string';
import type { Execution } from '../execution/execution';
import {
  incarnation,
  monotonicMs,
  opNumber,
  viewNumber,
  type ReplicaNumber,
} from '../numbers/numbers';
import { Acknowledgements } from './acknowledgements';
import type { Configuration, Epoch } from './configuration';
import { initialLeases } from './leases';
import { DEFAULT_LIMITS, type Limits } from './limits';
import { Log } from './log';
import type { HashFunction } from './log-entry';
import { initialReconfiguration } from './reconfiguration-state';
import type {
  BackupState,
  DoorState,
  PrimaryState,
  RecoveryState,
  ReplicaState,
  Stores,
  ViewChangeState,
} from './replica-state';
import { initialWitnessState } from './witness-state';

export interface StateOptions {
  readonly epoch: Epoch;
  readonly self: ReplicaNumber;
  readonly hash: HashFunction;
  readonly execution: Execution;
  readonly limits?: Partial<Limits>;
}

/** A replica before its start: it knows who it is, and nothing else. */
export function initialState(options: StateOptions): ReplicaState {
  const { epoch, self, hash, execution } = options;
  const { epochNumber } = epoch.configuration;
  const viewstamp = { epochNumber, viewNumber: viewNumber(0) };
  return {
    epoch,
    self,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    hash,
    execution,
    incarnation: incarnation(0),
    nonce: '' as ByteString,
    incarnations: [],
    stateWhole: true,
    status: 'recovering',
    ...viewstamp,
    lastNormalView: viewstamp,
    log: new Log(),
    beyond: [],
    commitNumber: opNumber(0),
    stores: initialStores(viewstamp),
    primary: initialPrimary(epoch.configuration, self),
    backup: initialBackup(),
    viewChange: initialViewChange(),
    leases: initialLeases(),
    recovery: initialRecovery(),
    witness: initialWitnessState(),
    checkpointing: { making: undefined, own: [], told: [], agreed: undefined, asked: false },
    transfer: undefined,
    serving: [],
    reconfiguration: initialReconfiguration(),
    door: initialDoor(),
    lostPeers: [],
    hintedAtMs: [],
    ticket: 0,
    lastTickMs: monotonicMs(0),
  };
}

function initialStores(promised: Stores['promised']): Stores {
  return {
    storeNumber: 0,
    pending: [],
    promised,
    incarnations: [],
    storedNumber: opNumber(0),
    checkpoint: undefined,
    logVersion: 0,
  };
}

function initialPrimary(configuration: Configuration, self: ReplicaNumber): PrimaryState {
  return {
    acknowledgements: new Acknowledgements(configuration, self),
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
  };
}

function initialBackup(): BackupState {
  return {
    silentMs: 0,
    heardAtMs: 0,
    abdicated: false,
    primaryIncarnation: incarnation(0),
    seenBeat: 0,
    acknowledged: opNumber(0),
    transfer: undefined,
    askedViewAtMs: Number.NEGATIVE_INFINITY,
  };
}

function initialViewChange(): ViewChangeState {
  return {
    votes: [],
    received: [],
    own: undefined,
    enteredAtMs: 0,
    sentAtMs: 0,
    failed: 0,
    installation: undefined,
  };
}

function initialRecovery(): RecoveryState {
  return { responses: [], questions: [], sentAtMs: 0 };
}

function initialDoor(): DoorState {
  return {
    requests: new Map(),
    keepAlives: new Map(),
    reads: new Map(),
    forward: [],
    forwardKeepAlives: [],
    forwardReads: [],
  };
}
