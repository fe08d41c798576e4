export { Client, connect, type ConnectOptions, type ViewListener } from './client';
export type { Session, SessionOptions } from './session';
export type { CallOptions, ReadOptions } from './requester';
export type { Reply } from './exchange';
export type {
  AcquireOptions,
  CancelOutcome,
  LockHolder,
  LockView,
  LockWaiter,
  Locks,
} from './locks';
export type { RequestState } from './grants';
export { Lock, type LockMode, type ReleaseOutcome } from './lock';
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
  LockHeldError,
  LockstepError,
  NoPrimaryError,
  OutcomeUnknownError,
  ProblemError,
  SessionExpiredError,
  WaitTimeoutError,
  type SessionLoss,
} from './errors';
export { FsError } from './fs-error';
