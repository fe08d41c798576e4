export { Client, connect, type ConnectOptions, type ViewListener } from './client';
export type { Session, SessionOptions } from './session';
export type { CallOptions, ReadOptions } from './requester';
export type { Reply } from './exchange';
export type { AcquireOptions, BreakOptions, LockItem, Locks } from './locks';
export type { GrantOptions } from './grant-options';
export type { CancelOutcome } from './lock-requests';
export type { LockHolder, LockView, LockWaiter, SemaphoreState } from './lock-view';
export type { GrantedLock, RequestState } from './grants';
export type { BreakListener, BreakRequest } from './hold';
export {
  Lock,
  type ConvertOptions,
  type LockMode,
  type ReleaseOptions,
  type ReleaseOutcome,
} from './lock';
export type { LockSet } from './lock-set';
export type { Semaphore } from './semaphore';
export type {
  CampaignOptions,
  Candidate,
  Election,
  ElectionView,
  Leader,
  Leadership,
} from './election';
export type { Barrier, BarrierOptions, BarrierView } from './barrier';
export type { Latch } from './latch';
export type { LockEvent, LockEventsOptions } from './lock-events';
export type { BatchResult, Caller, DirectoryEntry, Files, Listing, ListOptions } from './files';
export {
  fileOperation,
  type FileObject,
  type FileTime,
  type FollowOption,
} from './file-operations';
export { showName, type PathLike } from './file-name';
export type { Attributes, InodeType } from './attributes';
export type { Counters } from './counters';
export type { ClusterStatus, ReplicaStatus } from './cluster';
export type { Consistency, Operation, Problem, PushedEvent, ViewNotice } from './protocol';
export {
  CancelledError,
  ClosedError,
  DeadlockError,
  LockHeldError,
  LockLostError,
  LockstepError,
  NoPrimaryError,
  OutcomeUnknownError,
  ProblemError,
  SessionExpiredError,
  WaitTimeoutError,
  type DeadlockStep,
  type LockLoss,
  type SessionLoss,
} from './errors';
export { FsError } from './fs-error';
export { fetchAs, type Token } from './token';
export { fetchTrusting, type Fetch, type FetchOptions, type TrustOptions } from './trust';
export { verifySequencer, type VerifiedSequencer } from './sequencer';
