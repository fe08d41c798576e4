export { lockManager, LOCKS_SERVICE, isCurrentShape } from './lock-manager/plugin';
export { MODES, type Mode } from './lock-manager/model/compatibility';
export {
  decodeLockOperation,
  encodeLockOperation,
  operationShape as lockOperationShape,
  ITEMS_MAX as LOCK_ITEMS_MAX,
  PARTIES_MAX,
  PERMITS_MAX,
  PRIORITY_MAX,
  RESERVED_NAMES,
  VICTIMS,
  WAIT_MS_MAX as LOCK_WAIT_MS_MAX,
  type LockOperation,
  type Victim,
} from './lock-manager/operations';
export {
  decodeLockOutcome,
  isRefusal,
  outcomeShape as lockOutcomeShape,
  type Holder,
  type LockOutcome,
} from './lock-manager/outcomes';
export {
  decodeLockAnswer,
  encodeLockQuery,
  PAGE_MAX as LOCKS_PAGE_MAX,
  type LockAnswer,
  type LockQuery,
} from './lock-manager/queries';
export {
  decodeLockEvent,
  decodeLockEventRecord,
  type LockEvent,
  type LockEventRecord,
} from './lock-manager/events';
export { fileSystem, MAIN_VOLUME } from './file-system/plugin';
export {
  decodeFileQuery,
  decodeFileRequest,
  encodeFileRequest,
  type FileObject,
  type FileOperation,
  type FileQuery,
  type FileRequest,
  type TimeArgument,
} from './file-system/operations';
export { decodeFileAnswer, type FileAnswer, type FileResult } from './file-system/outcomes';
export { type Attributes } from './file-system/attributes';
export { type Errno } from './file-system/errno';
export { type Rule } from './file-system/refusal';
export { type Caller } from './file-system/file-tree';
export { type InodeType } from './file-system/inode-type';
export { ROOT_INO } from './file-system/inode';
export { BATCH_MAX, LISTING_MAX, NAME_MAX, PATH_MAX } from './file-system/limits';
export { counter } from './counter/counter';
export {
  counterAnswer,
  counterOperation,
  decodeCounterOutcome,
  encodeCounterOperation,
  encodeCounterQuery,
  type CounterOperation,
} from './counter/operations';
