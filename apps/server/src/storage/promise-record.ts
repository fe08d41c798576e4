import { crc32 } from 'node:zlib';
import {
  bool,
  byteString,
  counter,
  decode,
  encode,
  ENTRY_FORMAT_VERSION,
  integer,
  list,
  Malformed,
  struct,
  text,
  type ByteString,
  type Incarnation,
  type Promised,
  type ShapeOf,
} from '@lockstep/vr-core';
import { FLUSH_FORMAT_VERSION } from './flush-row';

/**
 * What a replica may never forget, and whose it is. (E1; decision 11)
 *
 * Also says where the log stood when it was last written, so that a log which lost its end is known even after a power
 * cut has thrown the younger, unsynced `flushed` mark back.
 */
export interface PromiseRecord {
  /** Counts the writes: of two valid copies the higher one is meant. */
  readonly sequence: number;
  readonly groupId: string;
  readonly nodeId: string;
  readonly generation: number;
  /** The process start that wrote this. */
  readonly incarnation: Incarnation;
  readonly promised: Promised;
  /** Did that life wait for the sync of its log? If not, only a `clean` end tells that the log is whole. */
  readonly logAwaited: boolean;
  readonly clean: boolean;
  readonly tail: LogTail;
}

/** The last row known to be written, in the table that the life `born` made. */
export interface LogTail {
  readonly born: Incarnation;
  readonly rowId: number;
  readonly checksum: ByteString;
}

const PROMISE_FORMAT_VERSION = 1;
/** Also those of the log beside it: a log of another version is told from a damaged one before it is read. */
const FORMATS = {
  formatVersion: PROMISE_FORMAT_VERSION,
  rowFormat: FLUSH_FORMAT_VERSION,
  entryFormat: ENTRY_FORMAT_VERSION,
};
/** One sector of any disk: it is written whole or not at all, as a rule. The checksum tells the exception. */
export const PROMISE_BYTES = 512;

const CHECKSUM_BYTES = 4;
const LENGTH_BYTES = 4;

export const tailShape = struct({
  born: counter<Incarnation>(),
  rowId: integer(),
  checksum: byteString(64),
});

const recordShape = struct({
  formatVersion: integer(),
  rowFormat: integer(),
  entryFormat: integer(),
  sequence: integer(),
  groupId: text(64),
  nodeId: text(64),
  generation: integer(),
  incarnation: counter<Incarnation>(),
  promised: struct({
    epochNumber: counter<Promised['epochNumber']>(),
    viewNumber: counter<Promised['viewNumber']>(),
    incarnations: list(counter<Incarnation>(), 9),
  }),
  logAwaited: bool,
  clean: bool,
  tail: tailShape,
});

export function encodePromise(record: PromiseRecord): Buffer {
  const versioned: ShapeOf<typeof recordShape> = {
    ...FORMATS,
    ...record,
  };
  return seal(encode(recordShape, versioned), PROMISE_BYTES);
}

/** Undefined when the bytes are damaged. Throws `Malformed` when they are whole and of a format unknown here. */
export function decodePromise(file: Buffer): PromiseRecord | undefined {
  const body = unseal(file, PROMISE_BYTES);
  if (body === undefined) return undefined;
  const version = body[0];
  if (version !== PROMISE_FORMAT_VERSION)
    throw new Malformed('formatVersion', `${String(version)} is unknown`);
  const { formatVersion: _, rowFormat, entryFormat, ...record } = decode(recordShape, body);
  if (rowFormat !== FORMATS.rowFormat || entryFormat !== FORMATS.entryFormat)
    throw new Malformed('rowFormat, entryFormat', `${rowFormat}, ${entryFormat} are unknown`);
  return record;
}

/** The body with its length and a checksum over everything, filled up to `size` bytes. */
export function seal(body: Uint8Array, size: number): Buffer {
  if (body.length > size - CHECKSUM_BYTES - LENGTH_BYTES)
    throw new RangeError(`a record of ${body.length} bytes does not fit into ${size}`);
  const file = Buffer.alloc(size);
  file.writeUInt32BE(body.length, CHECKSUM_BYTES);
  file.set(body, CHECKSUM_BYTES + LENGTH_BYTES);
  file.writeUInt32BE(crc32(file.subarray(CHECKSUM_BYTES)), 0);
  return file;
}

/** The body of a sealed record; undefined when any bit of it has changed. */
export function unseal(file: Buffer, size: number): Buffer | undefined {
  if (file.length !== size) return undefined;
  if (crc32(file.subarray(CHECKSUM_BYTES)) !== file.readUInt32BE(0)) return undefined;
  const start = CHECKSUM_BYTES + LENGTH_BYTES;
  return file.subarray(start, start + file.readUInt32BE(CHECKSUM_BYTES));
}
