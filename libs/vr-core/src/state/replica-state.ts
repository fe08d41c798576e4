import type { Promised } from '../boundary/input';
import type { ByteString } from '../encoding/byte-string';
import type { Execution } from '../execution/execution';
import type { DoViewChange } from '../messages/do-view-change';
import type { Header, Incarnations } from '../messages/header';
import type { Recovery } from '../messages/recovery';
import type { RecoveryResponse } from '../messages/recovery-response';
import type { SealedRequest } from '../messages/request';
import type {
  EpochNumber,
  Incarnation,
  MonotonicMs,
  OpNumber,
  ReplicaNumber,
  ViewNumber,
} from '../numbers/numbers';
import type { Viewstamp } from '../numbers/viewstamp';
import type { Status } from '../replica/replica-view';
import type { Acknowledgements } from './acknowledgements';
import { isMember, isWitness, primaryOf, type Configuration, type Epoch } from './configuration';
import type { Checkpoint } from './checkpoint';
import type { BlockService, CheckpointingState, CheckpointTransfer } from './checkpointing-state';
import type { Leases } from './leases';
import type { Installation } from './installation';
import type { Limits } from './limits';
import type { ReconfigurationState } from './reconfiguration-state';
import type { HashFunction, LogEntry } from './log-entry';
import type { Log } from './log';
import type { WitnessState } from './witness-state';
import type {
  IndexQuestion,
  ParkedKeepAlive,
  ParkedRead,
  ParkedRequest,
  QueuedTouch,
  ViewChangeVote,
} from './parked';

/** The state of a replica: the paper's Figure 2, and what its errata add. Changed in place, by handlers only. */
export interface ReplicaState {
  /** The group of this replica's epoch, and how the epoch began. */
  epoch: Epoch;
  readonly self: ReplicaNumber;
  readonly limits: Limits;
  readonly hash: HashFunction;
  /** The service code, its state, the client table and the cluster clock of the last executed entry. */
  readonly execution: Execution;

  incarnation: Incarnation;
  nonce: ByteString;
  /** The newest incarnation known of each replica, members or not. */
  readonly incarnations: Incarnation[];
  /** False while the pages under `execution` are not one state: then nothing is executed, and nothing read. */
  stateWhole: boolean;

  status: Status;
  epochNumber: EpochNumber;
  viewNumber: ViewNumber;
  /** v' of the paper: the view whose own log this is. (E11) */
  lastNormalView: Viewstamp;
  readonly log: Log;
  /** Readable entries behind a damaged one, by rising op, the head among them; as a rule none. (E42) */
  beyond: readonly LogEntry[];
  /** k: known to be committed by the group. What is executed here may lag behind. (E13) */
  commitNumber: OpNumber;

  readonly stores: Stores;
  readonly primary: PrimaryState;
  readonly backup: BackupState;
  readonly viewChange: ViewChangeState;
  readonly leases: Leases;
  readonly recovery: RecoveryState;
  readonly witness: WitnessState;
  readonly checkpointing: CheckpointingState;
  /** A checkpoint of the group on its way into our pages. (VRR §5.2) */
  transfer: CheckpointTransfer | undefined;
  /** Blocks that others have asked for, and whose pages the disk is looking for. */
  readonly serving: BlockService[];
  reconfiguration: ReconfigurationState;
  readonly door: DoorState;

  /** One flag for each peer: the connection to it is known to be closed. A hint. */
  readonly lostPeers: boolean[];
  /** When each peer was last told of our newer view. */
  readonly hintedAtMs: number[];
  /** The last ticket given out. */
  ticket: number;
  lastTickMs: MonotonicMs;
}

/** What has been handed to the disk, and what has come back. */
export interface Stores {
  storeNumber: number;
  readonly pending: PendingStore[];
  /** The promise that is durable. Nothing of a later view may leave this replica. (E1) */
  promised: Viewstamp;
  /** The incarnations that the durable promise names: lives before these are fenced for good. (decision 3) */
  readonly incarnations: Incarnation[];
  /** The log is durable up to here. */
  storedNumber: OpNumber;
  /** The checkpoint in force on the disk. */
  checkpoint: Checkpoint | undefined;
  /** Counts replacements of the log's end, so that an older store cannot vouch for newer entries. */
  logVersion: number;
}

export interface PendingStore {
  readonly storeNumber: number;
  readonly promise: Promised | undefined;
  readonly opNumber: OpNumber;
  readonly logVersion: number;
  readonly checkpoint: Checkpoint | undefined;
}

/** Only of use while this replica is the primary of its view. */
export interface PrimaryState {
  acknowledgements: Acknowledgements;
  /** When each backup was last sent entries. */
  sentAtMs: number[];
  /** Counts what was sent in this view; the echoes prove that we are still its primary. */
  beat: number;
  beatAtMs: number;
  /** The commit-number that the backups have been told. */
  toldCommit: OpNumber;
  normalSinceMs: number;
  inTouch: boolean;
  /** Requests that wait for an entry, in order of arrival. */
  queue: SealedRequest[];
  /** Names that are queued or in the uncommitted suffix, with the doors that wait. Derived, never stored. (E22) */
  inFlight: Map<string, ReplicaNumber[]>;
  /** This view's first op, appended when it became normal. (decision 10) */
  newViewOp: OpNumber;
  /** Op of the Tick that is not yet executed. (decision 22) */
  tickOp: OpNumber | undefined;
  touchQueue: QueuedTouch[];
  touchesSinceMs: number;
  touchesInTick: QueuedTouch[];
  questions: IndexQuestion[];
  clock: ClusterClock;
  wall: WallClock;
}

/** The primary's integration of its monotonic clock. (locks.md R1, R4) */
export interface ClusterClock {
  /** The stamp of the head when the view began: time without a primary is not counted. */
  baseMs: number;
  integratedMs: number;
  lastMs: number;
  clampedMs: number;
}

/** What the primary's wall clock should read, from the start of its view on. (decision 4) */
export interface WallClock {
  baseSeconds: number;
  baseNanos: number;
  baseMs: number;
  alarmed: boolean;
}

export interface BackupState {
  /** Milliseconds of this host's own running time since the primary of the view was heard. */
  silentMs: number;
  heardAtMs: number;
  /** The primary said itself that it leaves. (decision 8) */
  abdicated: boolean;
  /** The incarnation of the primary that this view was begun by. (decision 40) */
  primaryIncarnation: Incarnation;
  seenBeat: number;
  /** The last op acknowledged to the primary, so that a new one is told at once. */
  acknowledged: OpNumber;
  /** A transfer of missing entries of this view, under way. (VRR §5.2) */
  transfer: { readonly ticket: number; readonly askedAtMs: number } | undefined;
  /** When a later view was last asked for. */
  askedViewAtMs: number;
}

export interface ViewChangeState {
  /** One a sender, this replica's own among them. */
  readonly votes: (ViewChangeVote | undefined)[];
  readonly received: (DoViewChange | undefined)[];
  /** Ours for this view, once the promise is durable: every one that is sent is this one. (decision 25) */
  own: DoViewChange | undefined;
  enteredAtMs: number;
  sentAtMs: number;
  /** View changes that have failed in a row. */
  failed: number;
  installation: Installation | undefined;
}

export interface RecoveryState {
  readonly responses: (RecoveryResponse | undefined)[];
  /** One a sender: answered as soon as the sender's older lives are fenced on our disk. */
  questions: Recovery[];
  sentAtMs: number;
}

/** What clients of this replica wait for. */
export interface DoorState {
  readonly requests: Map<string, ParkedRequest>;
  readonly keepAlives: Map<number, ParkedKeepAlive>;
  readonly reads: Map<number, ParkedRead>;
  /** To be forwarded with the next flush. */
  forward: SealedRequest[];
  forwardKeepAlives: ParkedKeepAlive[];
  forwardReads: ParkedRead[];
}

export function isPrimary(state: ReplicaState): boolean {
  return primaryOfView(state) === state.self;
}

export function primaryOfView(state: ReplicaState): ReplicaNumber {
  return primaryOf(state.epoch.configuration, state.viewNumber);
}

export function isNormalPrimary(state: ReplicaState): boolean {
  return state.status === 'normal' && isPrimary(state);
}

/** The header of everything this replica says in its view. */
export function headerOf(state: ReplicaState): Header {
  return {
    epochNumber: state.epochNumber,
    viewNumber: state.viewNumber,
    replicaNumber: state.self,
    incarnation: state.incarnation,
  };
}

/** Every member but this replica, in the order of the configuration. */
export function othersOf(state: ReplicaState): readonly ReplicaNumber[] {
  const { configuration } = state.epoch;
  const known = others.get(configuration);
  if (known?.self === state.self) return known.numbers;
  const numbers = configuration.members
    .map((member) => member.replicaNumber)
    .filter((number) => number !== state.self);
  others.set(configuration, { self: state.self, numbers });
  return numbers;
}

/** Remembered by configuration: it is asked for with every message. */
const others = new WeakMap<
  Configuration,
  { readonly self: ReplicaNumber; readonly numbers: readonly ReplicaNumber[] }
>();

/** This replica executes nothing and is never primary. (VRR §6.1) */
export function isWitnessHere({ epoch, self }: ReplicaState): boolean {
  const { configuration, previous } = epoch;
  // One that was replaced is what it was.
  if (isMember(configuration, self) || previous === undefined)
    return isWitness(configuration, self);
  return isWitness(previous, self);
}

/** A witness that does not keep, for a while, the state that it had as an active: its log is all it needs. (ADR 11) */
export function isStateless(state: ReplicaState): boolean {
  return isWitnessHere(state) && !state.witness.keepsState;
}

/** As far as this replica's log is settled for good: executed, or, at a witness, behind the base of its log. */
export function settledOp(state: ReplicaState): OpNumber {
  return isStateless(state) ? state.log.base.opNumber : state.execution.executed;
}

/** What this replica knows of the lives of others and itself, as it travels. (E1 b; decision 3) */
export function knownIncarnations(state: ReplicaState): Incarnations {
  const known: { replicaNumber: ReplicaNumber; incarnation: Incarnation }[] = [];
  state.incarnations.forEach((incarnation, number) => {
    known.push({ replicaNumber: number as ReplicaNumber, incarnation });
  });
  return known;
}

/**
 * A number for a question to another replica, so that only its own answer is believed: an answer to an earlier
 * question, also one of an earlier life of this replica, names another. (E2, E8)
 */
export function nextTicket(state: ReplicaState): number {
  state.ticket += 1;
  return state.ticket;
}

/** So many questions a life, so many lives until a number comes again: together they are safe integers. */
const TICKETS_PER_LIFE = 2 ** 30;
const LIVES = 2 ** 22;

export function firstTicket(incarnation: Incarnation): number {
  return (incarnation % LIVES) * TICKETS_PER_LIFE;
}
