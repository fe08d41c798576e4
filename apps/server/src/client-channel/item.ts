import { TIMEOUT_MS_DEFAULT, TIMEOUT_MS_MAX } from '../contract/calls';
import { CONSISTENCIES, type ReadConsistency } from '../contract/consistency';
import { checkFields } from '../contract/fields';
import { isObject, type JsonObject } from '../contract/json';
import { WAIT_MS_MAX } from '../contract/long-poll';
import { malformed } from '../contract/problem';
import { parseTraceParent } from '../observability/tracing/trace-parent';
import type { TraceParent } from '../replica-host/call-watcher';
import type { NameParts } from '../contract/request-naming';

/** An item of a frame, read and checked as far as the door must understand it. */
export type Item = Traced &
  (
    | {
        readonly kind: 'mutation';
        readonly service: string;
        readonly op: JsonObject;
        readonly names: NameParts;
        readonly timeoutMs: number;
      }
    | {
        readonly kind: 'query';
        readonly service: string;
        readonly query: JsonObject;
        readonly consistency: ReadConsistency;
        readonly minOp: number;
        readonly waitMs: number | undefined;
        readonly since: number | undefined;
        readonly timeoutMs: number;
      }
    | { readonly kind: 'keep-alive'; readonly session: unknown; readonly timeoutMs: number }
  );

interface Traced {
  readonly traceParent: TraceParent | undefined;
}

const MUTATION = new Set([
  'id',
  'service',
  'op',
  'session',
  'requestNumber',
  'ackedBelow',
  'key',
  'timeoutMs',
  'traceparent',
]);
const QUERY = new Set([
  'id',
  'service',
  'query',
  'consistency',
  'minOp',
  'waitMs',
  'since',
  'timeoutMs',
  'traceparent',
]);
const KEEP_ALIVE = new Set(['id', 'keepAlive', 'timeoutMs', 'traceparent']);

/** The number that links an answer to its item; undefined when it cannot be read. */
export function itemIdOf(item: unknown): number | undefined {
  const id = isObject(item) ? item['id'] : undefined;
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : undefined;
}

/** Throws a problem that names the field. */
export function readItem(item: JsonObject): Item {
  if (item['op'] !== undefined) return readMutation(item);
  if (item['query'] !== undefined) return readQuery(item);
  if (item['keepAlive'] === undefined) throw malformed('', 'has none of op, query and keepAlive');
  checkFields(item, KEEP_ALIVE);
  return {
    kind: 'keep-alive',
    session: item['keepAlive'],
    timeoutMs: timeoutOf(item),
    traceParent: traceParentOf(item),
  };
}

function readMutation(item: JsonObject): Item {
  checkFields(item, MUTATION);
  const { op } = item;
  if (!isObject(op)) throw malformed('op', 'must be an object');
  return {
    kind: 'mutation',
    service: serviceOf(item),
    op,
    names: item,
    timeoutMs: timeoutOf(item),
    traceParent: traceParentOf(item),
  };
}

function readQuery(item: JsonObject): Item {
  checkFields(item, QUERY);
  const { query, consistency = 'linearizable' } = item;
  if (!isObject(query)) throw malformed('query', 'must be an object');
  if (!isConsistency(consistency))
    throw malformed('consistency', `must be one of ${CONSISTENCIES.join(', ')}`);
  return {
    kind: 'query',
    service: serviceOf(item),
    query,
    consistency,
    minOp: integerOf(item, 'minOp', 0, Number.MAX_SAFE_INTEGER) ?? 0,
    waitMs: integerOf(item, 'waitMs', 0, WAIT_MS_MAX),
    since: integerOf(item, 'since', 0, Number.MAX_SAFE_INTEGER),
    timeoutMs: timeoutOf(item),
    traceParent: traceParentOf(item),
  };
}

const isConsistency = (value: unknown): value is ReadConsistency =>
  CONSISTENCIES.some((each) => each === value);

function serviceOf({ service }: JsonObject): string {
  if (typeof service !== 'string') throw malformed('service', 'must be the name of a service');
  return service;
}

function traceParentOf({ traceparent }: JsonObject): TraceParent | undefined {
  if (traceparent === undefined) return undefined;
  const parent = parseTraceParent(traceparent);
  if (parent === undefined) throw malformed('traceparent', 'is not one of W3C Trace Context');
  return parent;
}

const timeoutOf = (item: JsonObject): number =>
  integerOf(item, 'timeoutMs', 1, TIMEOUT_MS_MAX) ?? TIMEOUT_MS_DEFAULT;

function integerOf(item: JsonObject, name: string, min: number, max: number): number | undefined {
  const value = item[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max)
    throw malformed(name, `must be an integer from ${min} to ${max}`);
  return value;
}
