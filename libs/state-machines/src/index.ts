export { lockManager, LOCKS_SERVICE, isCurrentShape } from './lock-manager/plugin';
export { MODES, type Mode } from './lock-manager/compatibility';
export {
  decodeLockOperation,
  encodeLockOperation,
  operationShape as lockOperationShape,
  RESERVED_NAMES,
  type LockOperation,
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
export { decodeLockEvent, type LockEvent } from './lock-manager/events';
