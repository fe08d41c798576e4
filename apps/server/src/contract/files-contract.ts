import {
  MAIN_VOLUME,
  ROOT_INO,
  decodeFileAnswer,
  encodeFileQuery,
  encodeFileRequest,
  type Attributes,
  type FileResult,
} from '@lockstep/state-machines';
import { checkFields, encodeChecked, readSafeCounter } from './fields';
import { readFileOperation } from './file-operation';
import { isObject, type JsonObject, type JsonValue } from './json';
import { bytesField } from './path-bytes';
import { Problem, malformed } from './problem';
import { ok, type Result, type ServiceContract } from './service-contract';

export const FILES_SERVICE = 'files';

const BATCH = new Set(['kind', 'ops', 'atomic', 'volume', 'caller']);
const CALLER = new Set(['uid', 'gids', 'umask', 'cwd']);
const QUERIES: ReadonlySet<unknown> = new Set(['stat', 'readlink', 'readdir']);

export const isFileQuery = (op: JsonValue | undefined): op is JsonObject =>
  isObject(op) && QUERIES.has(op['kind']);

export const filesContract: ServiceContract = {
  service: FILES_SERVICE,
  operation: fileRequest,
  outcome: (bytes, op) => fileResult(bytes, op),
  query(query) {
    if (!isFileQuery(query)) throw malformed('kind', 'must be one of stat, readlink, readdir');
    return fileQuery(query);
  },
  answer: (bytes, query) => fileResult(bytes, query),
};

function fileRequest(request: JsonObject): Uint8Array {
  if (request['kind'] === 'batch') return batch(request);
  const { volume, caller, ...op } = request;
  return encodeRequest({
    kind: 'one',
    volume: volume ?? MAIN_VOLUME,
    caller: callerOf(caller),
    guards: [],
    dryRun: false,
    op: readFileOperation(op, ''),
  });
}

function fileQuery(request: JsonObject): Uint8Array {
  const { volume, caller, ...op } = request;
  const query = {
    volume: volume ?? MAIN_VOLUME,
    caller: callerOf(caller),
    at: { kind: 'now' },
    op: readFileOperation(op, ''),
  };
  return encodeChecked(encodeFileQuery, query, flat);
}

function batch(request: JsonObject): Uint8Array {
  checkFields(request, BATCH);
  const { ops, atomic, volume, caller } = request;
  if (!Array.isArray(ops)) throw malformed('ops', 'must be a list');
  return encodeRequest({
    kind: 'batch',
    volume: volume ?? MAIN_VOLUME,
    caller: callerOf(caller),
    guards: [],
    dryRun: false,
    ops: ops.map((op: JsonValue, at) => {
      if (!isObject(op)) throw malformed(`ops.${at}`, 'must be an object');
      return readFileOperation(op, `ops.${at}`);
    }),
    atomic: atomic ?? false,
  });
}

/** The service nests what the API has flat: its `op.object.path` is `path`. */
const flat = (field: string): string => field.replace(/^op\./, '').replace('object.', '');

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
  };
}

function fileResult(bytes: Uint8Array, op: JsonObject): Result {
  const answer = decodeFileAnswer(bytes);
  if (answer.kind === 'one') return ok(resultBody(answer.result, op));
  if (answer.kind !== 'batch') throw new Error(`no form for ${answer.kind} yet`);
  const ops = op['ops'] as readonly JsonObject[];
  return ok({
    results: answer.results.map((result, at): JsonObject => {
      try {
        return { result: resultBody(result, ops[at] ?? {}) };
      } catch (fault) {
        if (fault instanceof Problem) return { problem: fault.toBody() };
        throw fault;
      }
    }),
  });
}

function resultBody(result: FileResult, op: JsonObject): JsonObject {
  switch (result.kind) {
    case 'nothing':
      return {};
    case 'attributes':
      return attributesBody(result.attributes);
    case 'target':
      return bytesField('target', result.target);
    case 'listing':
      return {
        entries: result.entries.map(({ name, ino, type, attributes }) => ({
          ...bytesField('name', name),
          ino: `${ino}`,
          type,
          ...(attributes && { attributes: attributesBody(attributes) }),
        })),
        ...bytesField('next', result.next),
      };
    case 'refused': {
      const { code, component, rule } = result;
      throw new Problem(code, undefined, {
        ...asked(op),
        ...bytesField('component', component),
        ...(rule && { rule }),
      });
    }
    default:
      throw new Error(`no form for ${result.kind} yet`);
  }
}

const SHOWN = ['path', 'pathBase64', 'ino', 'from', 'fromBase64', 'to', 'toBase64'];

/** What the operation was about, so that a problem in a log says so. */
function asked(op: JsonObject): JsonObject {
  return Object.fromEntries(SHOWN.filter((name) => name in op).map((name) => [name, op[name]]));
}

function attributesBody(attributes: Attributes): JsonObject {
  const { ino, type, mode, nlink, uid, gid, size, blocks, rdev, flags } = attributes;
  return {
    ino: `${ino}`,
    type,
    mode,
    nlink,
    uid,
    gid,
    size,
    blocks,
    atimeNs: nanoseconds(attributes.atime),
    mtimeNs: nanoseconds(attributes.mtime),
    ctimeNs: nanoseconds(attributes.ctime),
    btimeNs: nanoseconds(attributes.btime),
    rdev: { major: rdev.major, minor: rdev.minor },
    flags,
    generation: `${attributes.contentGen}.${attributes.metaGen}`,
    changedOp: `${attributes.changedOp}`,
  };
}

/** Exact in decimal where a number of nanoseconds would not be. */
function nanoseconds({ seconds, nanos }: Attributes['atime']): string {
  if (seconds < 0) return `${BigInt(seconds) * 1_000_000_000n + BigInt(nanos)}`;
  if (seconds === 0) return `${nanos}`;
  return `${seconds}${`${nanos}`.padStart(9, '0')}`;
}
