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
  lockEventKind,
  type LockEvent,
  type LockEventRecord,
} from './lock-manager/events';
export { fileSystem, FILES_SERVICE } from './file-system/plugin';
export { MAIN_VOLUME, type Volume } from './file-system/model/volume';
export { type FileMoment, type FileObject, type TimeArgument } from './file-system/wire/arguments';
export {
  isQuery as isFileQuery,
  OPEN_FLAGS,
  operationShape as fileOperationShape,
  QUERY_KINDS as FILE_QUERY_KINDS,
  type FileOperation,
  type FileQuery,
  type VolumeSettings,
} from './file-system/wire/operations';
export {
  decodeFileQuery,
  decodeFileRequest,
  encodeFileQuery,
  encodeFileRequest,
  type FileQueryRequest,
  type FileRequest,
} from './file-system/wire/requests';
export { decodeFileChange, type FileChangeEvent } from './file-system/watch/change';
export { decodeFileAnswer, type FileAnswer, type FileResult } from './file-system/wire/outcomes';
export { type Attributes } from './file-system/model/attributes';
export { type Errno } from './file-system/model/errno';
export { type Rule } from './file-system/model/refusal';
export { type Caller } from './file-system/model/file-tree';
export { type InodeType } from './file-system/model/inode-type';
export { ROOT_INO } from './file-system/model/inode';
export { BATCH_MAX, LISTING_MAX, NAME_MAX, PATH_MAX } from './file-system/model/limits';
export { counter } from './counter/counter';
export {
  counterAnswer,
  counterOperation,
  decodeCounterOutcome,
  encodeCounterOperation,
  encodeCounterQuery,
  type CounterOperation,
} from './counter/operations';
