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
import type { Configuration } from './configuration';
import { DEFAULT_LIMITS, type Limits } from './limits';
import { Log } from './log';
import type { HashFunction } from './log-entry';
import type {
  BackupState,
  DoorState,
  PrimaryState,
  RecoveryState,
  ReplicaState,
  Stores,
  ViewChangeState,
} from './replica-state';

export interface StateOptions {
  readonly configuration: Configuration;
  readonly self: ReplicaNumber;
  readonly hash: HashFunction;
  readonly execution: Execution;
  readonly limits?: Partial<Limits>;
}

/** A replica before its start: it knows who it is, and nothing else. */
export function initialState(options: StateOptions): ReplicaState {
  const { configuration, self, hash, execution } = options;
  const size = configuration.nodeIds.length;
  const viewstamp = { epochNumber: configuration.epochNumber, viewNumber: viewNumber(0) };
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
    ...viewstamp,
    lastNormalView: viewstamp,
    log: new Log(),
    commitNumber: opNumber(0),
    stores: initialStores(viewstamp),
    primary: initialPrimary(size),
    backup: initialBackup(),
    viewChange: initialViewChange(size),
    recovery: initialRecovery(size),
    door: initialDoor(),
    lostPeers: new Array<boolean>(size).fill(false),
    hintedAtMs: new Array<number>(size).fill(Number.NEGATIVE_INFINITY),
    ticket: 0,
    lastTickMs: monotonicMs(0),
  };
}

function initialStores(promised: Stores['promised']): Stores {
  return { storeNumber: 0, pending: [], promised, storedNumber: opNumber(0), logVersion: 0 };
}

function initialPrimary(size: number): PrimaryState {
  return {
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

function initialViewChange(size: number): ViewChangeState {
  return {
    votes: new Array<undefined>(size).fill(undefined),
    received: new Array<undefined>(size).fill(undefined),
    own: undefined,
    enteredAtMs: 0,
    sentAtMs: 0,
    failed: 0,
    installation: undefined,
  };
}

function initialRecovery(size: number): RecoveryState {
  return { responses: new Array<undefined>(size).fill(undefined), sentAtMs: 0 };
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
