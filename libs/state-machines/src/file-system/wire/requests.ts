import {
  bool,
  decode,
  encode,
  integer,
  list,
  Malformed,
  optional,
  struct,
  text,
  u64,
  union,
  type Shape,
  type ShapeOf,
} from '@lockstep/vr-core';
import type { Caller } from '../model/file-tree';
import { BATCH_MAX, GROUPS_MAX, GUARDS_MAX } from '../model/limits';
import {
  idShape,
  inoShape,
  labelShape,
  modeShape,
  momentShape,
  objectShape,
  pathShape,
} from './arguments';
import { isQuery, operationShape, type FileQuery } from './operations';

/** Version of the encodings of operations, queries and outcomes, and of the tables. */
export const FORMAT_VERSION = 2;
/** The same, for a caller who is confined: what older ones write and read stays as it was. */
const CONFINED_VERSION = 3;

/** Paths that one caller may be confined to. */
const TOPS_MAX = 256;

const callerFields = {
  uid: idShape,
  gids: list(idShape, GROUPS_MAX),
  umask: modeShape,
  cwd: inoShape,
};
const callerShape = struct(callerFields);
const confinedCallerShape = struct({ ...callerFields, within: list(pathShape, TOPS_MAX) });

const SESSION_ID_MAX = 40;

/** Bytes in the name of a lock, as the lock manager has it. */
const LOCK_NAME_BYTES_MAX = 512;
export const lockNameShape = text(LOCK_NAME_BYTES_MAX, 1);

const object = objectShape;

/** What must be so for a request to be executed. */
const guardShape = union({
  exists: struct({ object }),
  absent: struct({ object }),
  /** It is that very inode, and nothing of it has changed: the ETag of REST. */
  etag: struct({ object, ino: inoShape, contentGen: integer(), metaGen: integer() }),
  /** That grant of a lock still stands. (locks.md; N10) */
  held: struct({ lock: lockNameShape, fence: u64 }),
});
export type Guard = ShapeOf<typeof guardShape>;

const sessionIdShape = text(SESSION_ID_MAX, 1);

const changing = {
  volume: labelShape,
  guards: list(guardShape, GUARDS_MAX),
  /** Executed and undone: the answer tells what would have happened. */
  dryRun: bool,
  /** Whose handles, locks and ephemeral names it is about; undefined: of the session that names the request, if one does. */
  session: optional(sessionIdShape),
};
const operations = list(operationShape, BATCH_MAX);

const requestShapeOf = (caller: Shape<Caller>) => {
  const { volume, ...rest } = changing;
  const envelope = { volume, caller, ...rest };
  return union({
    one: struct({ ...envelope, op: operationShape }),
    batch: struct({ ...envelope, ops: operations, atomic: bool }),
    /** All of `then` when every guard holds, or else all of `else`; all or nothing. */
    txn: struct({ ...envelope, then: operations, else: operations }),
  });
};
const requestShape = requestShapeOf(callerShape);

/**
 * What the log carries: one operation, a batch of them, which ends at the first that is refused, or a transaction. An
 * atomic batch that is refused leaves nothing behind; without `atomic`, what came before stands. A guard that does not
 * hold turns `one` and `batch` down.
 */
export type FileRequest = ShapeOf<typeof requestShape>;

const queryShapeOf = (caller: Shape<Caller>) =>
  struct({
    volume: labelShape,
    caller,
    at: momentShape,
    op: operationShape,
    /** Whose handles and locks it speaks of; who asks for it makes sure that it is the asker's. */
    session: optional(sessionIdShape),
  });
const queryShape = queryShapeOf(callerShape);

/** A query is one operation that changes nothing, of the state `at` some moment. */
export interface FileQueryRequest extends Pick<
  ShapeOf<typeof queryShape>,
  'volume' | 'caller' | 'at' | 'session'
> {
  readonly op: FileQuery;
}

const confinedCaller = confinedCallerShape as Shape<Caller>;
const versionedRequest = versioned(requestShape, requestShapeOf(confinedCaller));
const versionedQuery = versioned(queryShape, queryShapeOf(confinedCaller));

/** The bytes of an operation; throws `Malformed` with the field that is not what it should be. */
export function encodeFileRequest(value: FileRequest): Uint8Array {
  checkRequest(value);
  return encode(versionedRequest, value);
}

export function decodeFileRequest(bytes: Uint8Array): FileRequest {
  const value = decode(versionedRequest, bytes);
  checkRequest(value);
  return value;
}

export function encodeFileQuery(value: FileQueryRequest): Uint8Array {
  checkQuery(value);
  return encode(versionedQuery, value);
}

export function decodeFileQuery(bytes: Uint8Array): FileQueryRequest {
  const { op, ...rest } = decode(versionedQuery, bytes);
  checkQuery({ ...rest, op });
  return { ...rest, op: op as FileQuery };
}

function checkQuery({ caller, op }: ShapeOf<typeof queryShape>): void {
  checkCaller(caller);
  if (!isQuery(op)) throw new Malformed('op.kind', `${op.kind} is no query`);
}

function checkRequest(value: FileRequest): void {
  checkCaller(value.caller);
  // Answers from the log are kept for retries: a thousand listings are too much to keep.
  for (const [field, ops] of listsOf(value))
    if (ops.some(({ kind }) => kind === 'readdir' || kind === 'diff'))
      throw new Malformed(field, 'readdir and diff are only for queries');
}

function listsOf(value: FileRequest): readonly (readonly [string, readonly { kind: string }[]])[] {
  if (value.kind === 'one') return [];
  if (value.kind === 'batch') return [['ops', value.ops]];
  return [
    ['then', value.then],
    ['else', value.else],
  ];
}

function checkCaller({ gids }: Caller): void {
  if (gids.length === 0) throw new Malformed('caller.gids', 'must not be empty');
}

function versioned<T extends { readonly caller: Caller }>(
  plain: Shape<T>,
  confined: Shape<T>,
): Shape<T> {
  return {
    write(writer, value) {
      const isConfined = value.caller.within !== undefined;
      writer.u8(isConfined ? CONFINED_VERSION : FORMAT_VERSION);
      (isConfined ? confined : plain).write(writer, value);
    },
    read(reader) {
      const version = reader.u8();
      if (version === FORMAT_VERSION) return plain.read(reader);
      if (version === CONFINED_VERSION) return confined.read(reader);
      throw new Malformed('', `format ${version} is unknown`);
    },
  };
}
