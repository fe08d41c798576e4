import {
  decodeEntry,
  Malformed,
  opNumber,
  Reader,
  Writer,
  type ByteString,
  type HashFunction,
  type LogEntry,
  type LogPlace,
  type OpNumber,
  type Viewstamp,
} from '@lockstep/vr-core';

/** "Drop everything after op `afterOp`, then append these entries." */
export interface LogSegment {
  readonly afterOp: OpNumber;
  readonly entries: readonly LogEntry[];
}

/** What one row makes durable at once: the log, its view and what is known to be committed. (decision 11) */
export interface Flush {
  readonly segments: readonly LogSegment[];
  readonly lastNormalView: Viewstamp;
  readonly commitNumber: OpNumber;
  /** Op of the log's end, once the segments have been applied. */
  readonly headOp: OpNumber;
  /** The log begins after it, once the segments have been applied. */
  readonly base: LogPlace;
  readonly witnessBase: OpNumber;
  /** Op of the checkpoint in force, 0 for none: what the table `checkpoint` must say. */
  readonly checkpointOp: OpNumber;
}

/** A row of the table `flush`: ids are contiguous, the first ones are dropped in time, each names its predecessor. */
export interface FlushRow {
  readonly id: number;
  readonly formatVersion: number;
  readonly segments: Buffer;
  readonly lastNormalEpoch: number;
  readonly lastNormalView: number;
  readonly commitNumber: number;
  readonly headOp: number;
  readonly baseOp: number;
  readonly baseHash: Buffer;
  readonly witnessBase: number;
  readonly checkpointOp: number;
  /** Checksum of the row before, also when that one is dropped; of row 1 the start of the chain. */
  readonly parent: Buffer;
  readonly checksum: Buffer;
}

export const FLUSH_FORMAT_VERSION = 2;

export function encodeSegments(segments: readonly LogSegment[]): Buffer {
  const writer = new Writer(64 + byteLength(segments));
  writer.varint(segments.length);
  for (const { afterOp, entries } of segments) {
    writer.varint(afterOp);
    writer.varint(entries.length);
    for (const entry of entries) writer.bytes(entry.encoded);
  }
  const bytes = writer.finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Throws `Malformed`. The hash of each entry is computed here, so a changed bit changes it. */
export function decodeSegments(bytes: Buffer, hash: HashFunction): LogSegment[] {
  const reader = new Reader(bytes);
  const segments: LogSegment[] = [];
  for (let left = reader.varint(); left > 0; left -= 1) {
    const afterOp = opNumber(reader.varint());
    const entries: LogEntry[] = [];
    for (let more = reader.varint(); more > 0; more -= 1)
      entries.push(decodeEntry(reader.bytes(), hash));
    segments.push({ afterOp, entries });
  }
  reader.end();
  return segments;
}

/** Those entries of damaged bytes that can be read, from whatever segment: what they are worth is told by their hashes. */
export function salvageEntries(bytes: Buffer, hash: HashFunction): LogEntry[] {
  const entries: LogEntry[] = [];
  try {
    const reader = new Reader(bytes);
    for (let left = reader.varint(); left > 0; left -= 1) {
      reader.varint();
      for (let more = reader.varint(); more > 0; more -= 1) {
        const entry = readableEntry(reader.bytes(), hash);
        if (entry !== undefined) entries.push(entry);
      }
    }
  } catch (fault) {
    if (!(fault instanceof Malformed)) throw fault;
  }
  return entries;
}

function readableEntry(encoded: Uint8Array, hash: HashFunction): LogEntry | undefined {
  try {
    return decodeEntry(encoded, hash);
  } catch (fault) {
    if (!(fault instanceof Malformed)) throw fault;
    return undefined;
  }
}

/** Where in which chain a row stands. */
export interface RowPlace {
  readonly id: number;
  /** Of the whole table; every row is bound to it, so that each can be checked by itself. */
  readonly chainStart: ByteString;
  readonly parent: ByteString;
}

export function flushRow(
  place: RowPlace,
  flush: Flush,
  hash: HashFunction,
): { readonly row: FlushRow; readonly checksum: ByteString } {
  const checksum = checksumOf(place, flush, hash);
  const row: FlushRow = {
    id: place.id,
    formatVersion: FLUSH_FORMAT_VERSION,
    segments: encodeSegments(flush.segments),
    lastNormalEpoch: flush.lastNormalView.epochNumber,
    lastNormalView: flush.lastNormalView.viewNumber,
    commitNumber: flush.commitNumber,
    headOp: flush.headOp,
    baseOp: flush.base.opNumber,
    baseHash: Buffer.from(flush.base.hash, 'latin1'),
    witnessBase: flush.witnessBase,
    checkpointOp: flush.checkpointOp,
    parent: Buffer.from(place.parent, 'latin1'),
    checksum: Buffer.from(checksum, 'latin1'),
  };
  return { row, checksum };
}

/**
 * The checksum of a row: over its predecessor's, so that a missing, repeated or foreign row breaks the chain, and over the
 * hashes of its entries rather than their bytes, which the primary has hashed already.
 */
export function checksumOf(place: RowPlace, flush: Flush, hash: HashFunction): ByteString {
  const writer = new Writer(512);
  writer.u8(FLUSH_FORMAT_VERSION);
  writer.byteString(place.chainStart);
  writer.byteString(place.parent);
  writer.varint(place.id);
  writer.varint(flush.lastNormalView.epochNumber);
  writer.varint(flush.lastNormalView.viewNumber);
  writer.varint(flush.commitNumber);
  writer.varint(flush.headOp);
  writer.varint(flush.base.opNumber);
  writer.byteString(flush.base.hash);
  writer.varint(flush.witnessBase);
  writer.varint(flush.checkpointOp);
  writer.varint(flush.segments.length);
  for (const { afterOp, entries } of flush.segments) {
    writer.varint(afterOp);
    writer.varint(entries.length);
    for (const entry of entries) writer.byteString(entry.hash);
  }
  return hash(writer.finish());
}

/** Where the chain of a table starts: no row of another group, replica, generation or older table fits. */
export function chainStart(
  whose: { readonly groupId: string; readonly nodeId: string; readonly generation: number },
  born: number,
  hash: HashFunction,
): ByteString {
  const writer = new Writer(128);
  writer.text('lockstep flush table');
  writer.text(whose.groupId);
  writer.text(whose.nodeId);
  writer.varint(whose.generation);
  writer.varint(born);
  return hash(writer.finish());
}

export function byteLength(segments: readonly LogSegment[]): number {
  let bytes = 0;
  for (const { entries } of segments)
    for (const entry of entries) bytes += entry.encoded.length + 4;
  return bytes;
}
