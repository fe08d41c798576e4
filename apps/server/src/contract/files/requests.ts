import {
  encodeFileQuery,
  encodeFileRequest,
  MAIN_VOLUME,
  ROOT_INO,
} from '@lockstep/state-machines';
import { checkFields, encodeChecked, readSafeCounter } from '../fields';
import { isObject, type JsonObject, type JsonValue } from '../json';
import { readRequiredBytes } from '../path-bytes';
import { malformed } from '../problem';
import { readFileOperation } from './forms';
import { readGuard } from './guards';
import { readList, readMoment } from './readings';

const CHANGING = ['volume', 'caller', 'session', 'if', 'dryRun'];
const BATCH = new Set(['kind', 'ops', 'atomic', ...CHANGING]);
const TXN = new Set(['kind', 'then', 'else', ...CHANGING]);
const CALLER = new Set(['uid', 'gids', 'umask', 'cwd', 'within']);

/** The bytes of one operation, a `batch` of them or a `txn`. */
export function readFileRequest(request: JsonObject): Uint8Array {
  switch (request['kind']) {
    case 'batch':
      return batch(request);
    case 'txn':
      return transaction(request);
    default:
      return one(request);
  }
}

/** The bytes of a query: one operation that changes nothing, of the state `at` some moment. */
export function readFileQuery(request: JsonObject): Uint8Array {
  const { volume, caller, at, session, ...op } = request;
  const query = {
    session,
    volume: volume ?? MAIN_VOLUME,
    caller: callerOf(caller),
    at: readMoment(at, 'at'),
    op: readFileOperation(op, ''),
  };
  return encodeChecked(encodeFileQuery, query, flat);
}

function one(request: JsonObject): Uint8Array {
  const op = withoutEnvelope(request);
  return encodeRequest({ kind: 'one', ...envelopeOf(request), op: readFileOperation(op, '') });
}

function batch(request: JsonObject): Uint8Array {
  checkFields(request, BATCH);
  const { ops, atomic } = request;
  return encodeRequest({
    kind: 'batch',
    ...envelopeOf(request),
    ops: operationsOf(ops, 'ops'),
    atomic: atomic ?? false,
  });
}

function transaction(request: JsonObject): Uint8Array {
  checkFields(request, TXN);
  return encodeRequest({
    kind: 'txn',
    ...envelopeOf(request),
    then: operationsOf(request['then'], 'then'),
    else: operationsOf(request['else'] ?? [], 'else'),
  });
}

/** Paths that the caller stays at or under, for a gateway that serves some of a volume. */
function withinOf(within: JsonValue | undefined): object {
  if (within === undefined) return {};
  const paths = readList(within, 'caller.within', (path, at) =>
    readRequiredBytes({ path }, 'path', at),
  );
  return { within: paths };
}

const withoutEnvelope = (request: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(request).filter(([field]) => !CHANGING.includes(field)));

const envelopeOf = ({ volume, caller, session, if: guards, dryRun }: JsonObject): object => ({
  session,
  volume: volume ?? MAIN_VOLUME,
  caller: callerOf(caller),
  guards: readList(guards, 'if', readGuard),
  dryRun: dryRun ?? false,
});

function operationsOf(ops: JsonValue | undefined, field: string): readonly unknown[] {
  if (ops === undefined) throw malformed(field, 'is missing');
  return readList(ops, field, (op, at) => {
    if (!isObject(op)) throw malformed(at, 'must be an object');
    return readFileOperation(op, at);
  });
}

/** The service nests what the API has flat: its `op.object.path` is `path`. */
const flat = (field: string): string =>
  field
    .replace(/^op\./, '')
    .replace('object.', '')
    .replace(/^guards\b/, 'if');

const encodeRequest = (request: object): Uint8Array =>
  encodeChecked(encodeFileRequest, request, flat);

/** Who acts on files. With authentication off, whoever reaches the port may be anybody: root, unless it says else. */
function callerOf(caller: JsonValue | undefined): unknown {
  if (caller === undefined) return { uid: 0, gids: [0], umask: 0o022, cwd: ROOT_INO };
  checkFields(caller, CALLER, 'caller');
  return {
    uid: caller['uid'] ?? 0,
    gids: caller['gids'] ?? [0],
    umask: caller['umask'] ?? 0o022,
    cwd: readSafeCounter(caller['cwd'], 'caller.cwd') ?? ROOT_INO,
    ...withinOf(caller['within']),
  };
}
