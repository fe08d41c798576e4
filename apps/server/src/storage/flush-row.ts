import {
  decodeEntry,
  Malformed,
  opNumber,
  Reader,
  Writer,
  type ByteString,
  type HashFunction,
  type LogEntry,
  type OpNumber,
  type Viewstamp,
} from '@lockstep/vr-core';

/** "Drop everything after op `afterOp`, then append these entries." */
export interface LogSegment {
  readonly afterOp: OpNumber;
  readonly entries: readonly LogEntry[];
}

/** What one insert makes durable at once: the log, its view and what is known to be committed. (decision 11) */
export interface Flush {
  readonly segments: readonly LogSegment[];
  readonly lastNormalView: Viewstamp;
  readonly commitNumber: OpNumber;
}

/** A row of the table `flush`: append-only, ids contiguous from 1, each checksum over its predecessor's. */
export interface FlushRow {
  readonly id: number;
  readonly formatVersion: number;
  readonly segments: Buffer;
  readonly lastNormalEpoch: number;
  readonly lastNormalView: number;
  readonly commitNumber: number;
  readonly checksum: Buffer;
}

export const FLUSH_FORMAT_VERSION = 1;

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

/**
 * The checksum of a row: over its predecessor's, so that a missing, repeated or foreign row breaks the chain, and over the
 * hashes of its entries rather than their bytes, which the primary has hashed already.
 */
export function checksumOf(
  parent: ByteString,
  id: number,
  flush: Flush,
  hash: HashFunction,
): ByteString {
  const writer = new Writer(256);
  writer.u8(FLUSH_FORMAT_VERSION);
  writer.byteString(parent);
  writer.varint(id);
  writer.varint(flush.lastNormalView.epochNumber);
  writer.varint(flush.lastNormalView.viewNumber);
  writer.varint(flush.commitNumber);
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

/** The log after one more segment. Throws `Malformed` when the segment does not join it. */
export function appendSegment(log: LogEntry[], { afterOp, entries }: LogSegment): void {
  if (afterOp > log.length)
    throw new Malformed('afterOp', `${afterOp} is beyond the log, which ends at ${log.length}`);
  log.length = afterOp;
  for (const entry of entries) {
    const parent = log.at(-1);
    if (entry.opNumber !== log.length + 1)
      throw new Malformed('entries', `op ${entry.opNumber} stands after op ${log.length}`);
    if (parent !== undefined && entry.parentHash !== parent.hash)
      throw new Malformed('entries', `op ${entry.opNumber} does not continue op ${log.length}`);
    log.push(entry);
  }
}

export function byteLength(segments: readonly LogSegment[]): number {
  let bytes = 0;
  for (const { entries } of segments)
    for (const entry of entries) bytes += entry.encoded.length + 4;
  return bytes;
}
