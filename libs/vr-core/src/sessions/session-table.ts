import type { ByteString } from '../encoding/byte-string';
import { Reader } from '../encoding/reader';
import { Writer } from '../encoding/writer';
import type { ClusterMs, RequestNumber } from '../numbers/numbers';
import type { Session, SessionId, Sessions } from '../service/state-machine';
import type { Ordered, Tables } from '../service/tables';
import type { OpenSession, SessionView } from './operations';
import { sessionIdOfKey, sessionKeyOf } from './session-id';

/** What does not change while a session lives. */
export interface SessionTerms extends OpenSession {
  readonly principal: string;
  readonly openedAtMs: ClusterMs;
}

/** What every keepalive and every acknowledgement changes: kept apart so that they write 24 bytes, not the terms. */
export interface SessionLease {
  readonly deadlineMs: ClusterMs;
  readonly lastTouchMs: ClusterMs;
  /** The client has seen the answers to all its requests below this. (decision 1) */
  readonly ackedBelow: RequestNumber;
}

/** A session with its key in the tables. */
export interface LiveSession extends Session, SessionLease {
  readonly key: ByteString;
}

/** What is kept to be read again: more sessions than any entry names. */
const SESSIONS_READ_MAX = 16_384;

/** Deadline, last touch, mark: 8 each. */
const LEASE_BYTES = 24;

/** Sessions by the op and index that opened them. */
export class SessionTable implements Sessions {
  private readonly terms: Ordered;
  private readonly leases: Ordered;
  /** Sessions as they were last read, by id: good for as long as their lease is still what it was then. */
  private readonly read = new Map<string, StoredSession>();

  constructor(tables: Tables) {
    this.terms = tables.ordered('terms');
    this.leases = tables.ordered('leases');
  }

  get size(): number {
    return this.terms.size;
  }

  find(id: string): LiveSession | undefined {
    const known = this.read.get(id);
    if (known !== undefined && isSame(this.leases.get(known.key), known.leaseRow)) return known;
    const key = sessionKeyOf(id);
    return key === undefined ? undefined : this.byKey(key);
  }

  byKey(key: ByteString): LiveSession | undefined {
    const terms = this.terms.get(key);
    const lease = this.leases.get(key);
    if (terms === undefined || lease === undefined) return undefined;
    // Copies: what is read is a view that keeps a whole page in memory.
    const session = new StoredSession(key, terms.slice(), lease.slice());
    if (this.read.size >= SESSIONS_READ_MAX) this.read.clear();
    this.read.set(session.id, session);
    return session;
  }

  has(key: ByteString): boolean {
    return this.leases.get(key) !== undefined;
  }

  add(key: ByteString, terms: SessionTerms, lease: SessionLease): void {
    this.terms.put(key, writeTerms(terms));
    this.putLease(key, lease);
  }

  putLease(key: ByteString, lease: SessionLease): void {
    this.leases.put(key, writeLease(lease));
  }

  /** The lease with a later mark: what most requests do, so the session that was read stays good. */
  acknowledge(session: LiveSession, ackedBelow: RequestNumber): void {
    const { key, deadlineMs, lastTouchMs } = session;
    const row = writeLease({ deadlineMs, lastTouchMs, ackedBelow });
    this.leases.put(key, row);
    if (session instanceof StoredSession) session.acknowledged(row, ackedBelow);
  }

  remove(key: ByteString): void {
    this.terms.delete(key);
    this.leases.delete(key);
    this.read.delete(sessionIdOfKey(key));
  }

  view(key: ByteString): SessionView | undefined {
    const terms = this.terms.get(key);
    const lease = this.leases.get(key);
    if (terms === undefined || lease === undefined) return undefined;
    const { deadlineMs, lastTouchMs } = readLease(lease);
    return { id: sessionIdOfKey(key), deadlineMs, lastTouchMs, ...readTerms(terms) };
  }

  keyAfter(key: ByteString): ByteString | undefined {
    return this.terms.next(key)?.[0];
  }
}

/** Decodes no more than it is asked for: most requests need only the principal. */
class StoredSession implements LiveSession {
  readonly key: ByteString;
  readonly id: SessionId;
  readonly principal: string;
  readonly ended = undefined;
  readonly deadlineMs: ClusterMs;
  readonly lastTouchMs: ClusterMs;
  ackedBelow: RequestNumber;
  leaseRow: Uint8Array;
  private readonly termsRow: Uint8Array;
  private decoded: SessionTerms | undefined;

  constructor(key: ByteString, termsRow: Uint8Array, leaseRow: Uint8Array) {
    const { deadlineMs, lastTouchMs, ackedBelow } = readLease(leaseRow);
    this.key = key;
    this.id = sessionIdOfKey(key);
    this.principal = new Reader(termsRow).repeatedText();
    this.termsRow = termsRow;
    this.leaseRow = leaseRow;
    this.deadlineMs = deadlineMs;
    this.lastTouchMs = lastTouchMs;
    this.ackedBelow = ackedBelow;
    this.decoded = undefined;
  }

  acknowledged(leaseRow: Uint8Array, ackedBelow: RequestNumber): void {
    this.leaseRow = leaseRow;
    this.ackedBelow = ackedBelow;
  }

  get ttlMs(): number {
    return this.terms.ttlMs;
  }

  get lockDelayMs(): number {
    return this.terms.lockDelayMs;
  }

  private get terms(): SessionTerms {
    this.decoded ??= readTerms(this.termsRow);
    return this.decoded;
  }
}

function isSame(row: Uint8Array | undefined, other: Uint8Array): boolean {
  if (row === undefined) return false;
  if (row === other) return true;
  for (let at = 0; at < LEASE_BYTES; at += 1) if (row[at] !== other[at]) return false;
  return true;
}

/** A session that has just ended, as the hooks of the plug-ins see it. */
export function endedSession(session: LiveSession, ended: 'closed' | 'expired'): Session {
  const { id, principal, ttlMs, deadlineMs, lockDelayMs } = session;
  return { id, principal, ttlMs, deadlineMs, lockDelayMs, ended };
}

function writeTerms(terms: SessionTerms): Uint8Array {
  const writer = new Writer(64);
  writer.text(terms.principal);
  writer.varint(terms.ttlMs);
  writer.varint(terms.lockDelayMs);
  writer.u8(terms.onEnd === 'release' ? 0 : 1);
  writer.varint(terms.openedAtMs);
  writeOptionalText(writer, terms.name);
  writeOptionalText(writer, terms.metadata);
  return writer.finish();
}

function readTerms(row: Uint8Array): SessionTerms {
  const reader = new Reader(row);
  return {
    principal: reader.text(),
    ttlMs: reader.varint(),
    lockDelayMs: reader.varint(),
    onEnd: reader.u8() === 0 ? 'release' : 'delete',
    openedAtMs: reader.varint() as ClusterMs,
    name: readOptionalText(reader),
    metadata: readOptionalText(reader),
  };
}

function writeOptionalText(writer: Writer, value: string | undefined): void {
  writer.u8(value === undefined ? 0 : 1);
  if (value !== undefined) writer.text(value);
}

const readOptionalText = (reader: Reader): string | undefined =>
  reader.u8() === 0 ? undefined : reader.text();

function writeLease(lease: SessionLease): Uint8Array {
  const row = new Uint8Array(LEASE_BYTES);
  writeU64(row, 0, lease.deadlineMs);
  writeU64(row, 8, lease.lastTouchMs);
  writeU64(row, 16, lease.ackedBelow);
  return row;
}

const readLease = (row: Uint8Array): SessionLease => ({
  deadlineMs: readU64(row, 0) as ClusterMs,
  lastTouchMs: readU64(row, 8) as ClusterMs,
  ackedBelow: readU64(row, 16) as RequestNumber,
});

function writeU64(row: Uint8Array, at: number, value: number): void {
  writeU32(row, at, Math.floor(value / 0x1_0000_0000));
  writeU32(row, at + 4, value >>> 0);
}

function writeU32(row: Uint8Array, at: number, value: number): void {
  row[at] = value >>> 24;
  row[at + 1] = value >>> 16;
  row[at + 2] = value >>> 8;
  row[at + 3] = value;
}

function readU64(row: Uint8Array, at: number): number {
  let value = 0;
  for (let byte = at; byte < at + 8; byte += 1) value = value * 0x100 + (row[byte] as number);
  return value;
}
