import {
  bool,
  byteString,
  counter,
  decode,
  encode,
  ENTRY_FORMAT_VERSION,
  epochShape,
  incarnationsShape,
  integer,
  Malformed,
  struct,
  text,
  type ByteString,
  type EpochNumber,
  type Incarnation,
  type Promised,
  type ShapeOf,
  type ViewNumber,
} from '@lockstep/vr-core';
import { FLUSH_FORMAT_VERSION } from './flush-row';
import { PAGE_FORMAT_VERSION } from './page-row';
import { seal, unseal } from './sealed';

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
  /**
   * The promise before this one is gone, and the log is not back yet: this one says nothing of what earlier lives have
   * said. (E1 b; decision 3)
   */
  readonly promiseLost: boolean;
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

const PROMISE_FORMAT_VERSION = 2;
/** Also those of the database beside it: one of another version is told from a damaged one before it is read. */
const FORMATS = {
  formatVersion: PROMISE_FORMAT_VERSION,
  rowFormat: FLUSH_FORMAT_VERSION,
  entryFormat: ENTRY_FORMAT_VERSION,
  pageFormat: PAGE_FORMAT_VERSION,
};
/** Room for two configurations of nine members with the longest names: no group that may be must fail to be promised. */
export const PROMISE_BYTES = 16 << 10;

export const tailShape = struct({
  born: counter<Incarnation>(),
  rowId: integer(),
  checksum: byteString(64),
});

const recordShape = struct({
  formatVersion: integer(),
  rowFormat: integer(),
  entryFormat: integer(),
  pageFormat: integer(),
  sequence: integer(),
  groupId: text(64),
  nodeId: text(64),
  generation: integer(),
  incarnation: counter<Incarnation>(),
  promised: struct({
    epochNumber: counter<EpochNumber>(),
    viewNumber: counter<ViewNumber>(),
    incarnations: incarnationsShape,
    epoch: epochShape,
  }),
  promiseLost: bool,
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
  const body = unseal(file);
  if (body === undefined) return undefined;
  const version = body[0];
  if (version !== PROMISE_FORMAT_VERSION) throw unknownFormat('formatVersion', version);
  const {
    formatVersion: _,
    rowFormat,
    entryFormat,
    pageFormat,
    ...record
  } = decode(recordShape, body);
  const found = { rowFormat, entryFormat, pageFormat };
  for (const name of ['rowFormat', 'entryFormat', 'pageFormat'] as const)
    if (found[name] !== FORMATS[name]) throw unknownFormat(name, found[name]);
  return record;
}

const unknownFormat = (name: keyof typeof FORMATS, found: number | undefined): Malformed =>
  new Malformed(name, `is ${String(found)}, and this program knows ${FORMATS[name]}`);
