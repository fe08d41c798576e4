export * from './numbers/numbers';
export * from './numbers/viewstamp';
export * from './encoding/byte-string';
export * from './encoding/key';
export * from './encoding/malformed';
export * from './encoding/reader';
export * from './encoding/shape';
export * from './encoding/utf8';
export * from './encoding/writer';
export * from './service/state-machine';
export * from './service/tables';
export * from './execution/answer';
export * from './messages/request';
export * from './state/log-entry';
export * from './boundary/effect';
export * from './boundary/ignored';
export * from './boundary/input';
export * from './boundary/note';
export * from './boundary/outbox';
export type { KeptAlive } from './messages/kept-alive';
export * from './messages/message';
export * from './replica/replica';
export * from './replica/replica-view';
export * from './state/checkpoint';
export * from './state/configuration';
export * from './state/log-place';
export { configurationShape, epochShape } from './messages/configuration';
export { incarnationsShape, type Incarnations } from './messages/header';
export { checkpointShape } from './messages/checkpoint';
export * from './state/limits';
export * from './encoding/fnv-hash';
export * from './service/state-store';
export * from './service/snapshot';
export {
  rootBlock,
  type BlockAddress,
  type Differences,
  type NamedBlock,
  type PageAddress,
} from './service/merkle-block';
export * from './service/contract';
export * from './service/solo';
export * from './sessions/operations';
export { GROUP_VERSIONS, UnknownGroupVersion } from './group/group-version';
export * from './group/operations';
export * from './group/new-generation';
export { sessionIdOf, sessionKeyOf } from './sessions/session-id';
export {
  createExecution,
  GRACE_MS,
  TICK_UNITS_MAX,
  type Cadence,
  type EventPosition,
  type Executed,
  type ExecutedEvent,
  type Execution,
  type ExecutionOptions,
  type TouchedSession,
  type Wall,
} from './execution/execution';
export { NEW_VIEW_INDEX, TICK_INDEX } from './execution/moment';
export { EVENTS_START } from './events/event-table';
export * from './replica/create-replica';
export * from './state/assert';
