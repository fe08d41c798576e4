import type { ByteString } from '../encoding/byte-string';
import { Malformed } from '../encoding/malformed';
import { Reader } from '../encoding/reader';
import { Writer } from '../encoding/writer';
import { readRequest, type Request, type SealedRequest } from '../messages/request';
import {
  clusterMs,
  epochNumber,
  opNumber,
  viewNumber,
  type ClusterMs,
  type EpochNumber,
  type OpNumber,
  type ViewNumber,
} from '../numbers/numbers';
import { configurationShape } from '../messages/configuration';
import type { SessionId } from '../service/state-machine';
import type { Configuration } from './configuration';

/** A function from bytes to a digest of fixed length, given to the core by its host. */
export type HashFunction = (data: Uint8Array) => ByteString;

/**
 * One entry of the log: a batch of requests under one op-number (VRR §6.2), chained to its predecessor by hash, so
 * that equal hashes at one op mean equal logs up to it (E9, E12).
 */
export interface LogEntry {
  /** Epoch and view of the primary that made it. Never re-stamped: which log is newer is told by `lnv`. (E11) */
  readonly epochNumber: EpochNumber;
  readonly viewNumber: ViewNumber;
  readonly opNumber: OpNumber;
  readonly parentHash: ByteString;
  /** The cluster clock when the entry was closed; never less than its predecessor's. */
  readonly clusterMs: ClusterMs;
  /** The primary's wall clock then: data for file times. Request i of the batch counts i nanoseconds more. */
  readonly wallSeconds: number;
  readonly wallNanos: number;
  /** It carries the next epoch's group: nothing follows it in its own epoch. (VRR §7.1; E32) */
  readonly endsEpoch: boolean;
  readonly hash: ByteString;
  /** Header and body as they travel and as they are stored; made once, by the primary. */
  readonly encoded: Uint8Array;
}

/** What an entry asks to execute, in this order. */
export interface EntryBody {
  /** The first entry of a view. (decision 10) */
  readonly newView: boolean;
  /** Sessions kept alive: present when the entry carries a Tick, at most one, first. (decision 22) */
  readonly touched: readonly SessionId[] | undefined;
  readonly requests: readonly Request[];
  /**
   * The group of the next epoch: the entry is the last of its own epoch. It carries at most the one request that asked
   * for it. (VRR §7.1; E32)
   */
  readonly reconfiguration: Configuration | undefined;
}

/** A body as its maker has it: the requests are encoded already. */
export interface SealedBody extends Omit<EntryBody, 'requests' | 'reconfiguration'> {
  readonly reconfiguration?: Configuration;
  readonly requests: readonly Uint8Array[];
  /** The same requests, when the maker has more of them than their bytes. */
  readonly sealed?: readonly SealedRequest[];
}

export type EntryHeader = Omit<LogEntry, 'hash' | 'encoded' | 'endsEpoch'>;

export const ENTRY_FORMAT_VERSION = 2;

const NEW_VIEW = 1;
const TICK = 2;
const RECONFIGURATION = 4;

export function makeEntry(header: EntryHeader, body: SealedBody, hash: HashFunction): LogEntry {
  const writer = new Writer(256);
  writer.u8(ENTRY_FORMAT_VERSION);
  writer.varint(header.epochNumber);
  writer.varint(header.viewNumber);
  writer.varint(header.opNumber);
  writer.byteString(header.parentHash);
  writer.varint(header.clusterMs);
  writer.varint(header.wallSeconds);
  writer.u32(header.wallNanos);
  writer.u8(
    (body.newView ? NEW_VIEW : 0) |
      (body.touched === undefined ? 0 : TICK) |
      (body.reconfiguration === undefined ? 0 : RECONFIGURATION),
  );
  if (body.touched !== undefined) {
    writer.varint(body.touched.length);
    for (const session of body.touched) writer.text(session);
  }
  if (body.reconfiguration !== undefined) configurationShape.write(writer, body.reconfiguration);
  writer.varint(body.requests.length);
  for (const request of body.requests) writer.bytes(request);
  const encoded = writer.finish();
  const entry = entryOf(header, body.reconfiguration !== undefined, hash(encoded), encoded);
  if (body.sealed !== undefined) sealedRequests.set(entry, body.sealed);
  return entry;
}

/**
 * Requests of entries that were made here and are not yet executed. They spare their maker the decoding, and are let go
 * by `forgetSealed`: the log is kept for long.
 */
const sealedRequests = new WeakMap<LogEntry, readonly SealedRequest[]>();

/** The requests of an entry that was made here, as they came; undefined for any other, and once forgotten. */
export function sealedOf(entry: LogEntry): readonly SealedRequest[] | undefined {
  return sealedRequests.get(entry);
}

export function forgetSealed(entry: LogEntry): void {
  sealedRequests.delete(entry);
}

/** The header of an encoded entry, with its hash computed here: what travels is never believed. */
export function decodeEntry(encoded: Uint8Array, hash: HashFunction): LogEntry {
  const reader = new Reader(encoded);
  const header = readHeader(reader);
  const endsEpoch = (reader.u8() & RECONFIGURATION) !== 0;
  return entryOf(header, endsEpoch, hash(encoded), encoded);
}

/** Field by field: a copy by spreading takes longer than the rest of an entry of one request. */
const entryOf = (
  header: EntryHeader,
  endsEpoch: boolean,
  hash: ByteString,
  encoded: Uint8Array,
): LogEntry => ({
  epochNumber: header.epochNumber,
  viewNumber: header.viewNumber,
  opNumber: header.opNumber,
  parentHash: header.parentHash,
  clusterMs: header.clusterMs,
  wallSeconds: header.wallSeconds,
  wallNanos: header.wallNanos,
  endsEpoch,
  hash,
  encoded,
});

export function bodyOf(entry: LogEntry): EntryBody {
  const reader = new Reader(entry.encoded);
  readHeader(reader);
  const flags = reader.u8();
  let touched: SessionId[] | undefined;
  if (flags & TICK) {
    touched = [];
    for (let left = reader.varint(); left > 0; left -= 1) touched.push(reader.text() as SessionId);
  }
  const newView = (flags & NEW_VIEW) !== 0;
  const reconfiguration = flags & RECONFIGURATION ? configurationShape.read(reader) : undefined;
  const sealed = sealedOf(entry);
  if (sealed !== undefined)
    return { newView, touched, reconfiguration, requests: sealed.map(({ request }) => request) };
  const requests: Request[] = [];
  for (let left = reader.varint(); left > 0; left -= 1)
    requests.push(readRequest(reader, reader.varint()));
  reader.end();
  return { newView, touched, reconfiguration, requests };
}

function readHeader(reader: Reader): EntryHeader {
  const version = reader.u8();
  if (version !== ENTRY_FORMAT_VERSION)
    throw new Malformed('entry', `format ${version} is unknown`);
  return {
    epochNumber: epochNumber(reader.varint()),
    viewNumber: viewNumber(reader.varint()),
    opNumber: opNumber(reader.varint()),
    parentHash: reader.byteString(),
    clusterMs: clusterMs(reader.varint()),
    wallSeconds: reader.varint(),
    wallNanos: reader.u32(),
  };
}
