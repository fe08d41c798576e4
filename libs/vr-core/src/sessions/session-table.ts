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

/** Sessions by the op and index that opened them. */
export class SessionTable implements Sessions {
  private readonly terms: Ordered;
  private readonly leases: Ordered;

  constructor(tables: Tables) {
    this.terms = tables.ordered('terms');
    this.leases = tables.ordered('leases');
  }

  get size(): number {
    return this.terms.size;
  }

  find(id: string): LiveSession | undefined {
    const key = sessionKeyOf(id);
    return key === undefined ? undefined : this.byKey(key);
  }

  byKey(key: ByteString): LiveSession | undefined {
    const terms = this.terms.get(key);
    const lease = terms && this.leases.get(key);
    return lease && new StoredSession(key, terms, lease);
  }

  leaseOf(key: ByteString): SessionLease | undefined {
    const lease = this.leases.get(key);
    return lease && readLease(lease);
  }

  add(key: ByteString, terms: SessionTerms, lease: SessionLease): void {
    this.terms.put(key, writeTerms(terms));
    this.putLease(key, lease);
  }

  putLease(key: ByteString, lease: SessionLease): void {
    this.leases.put(key, writeLease(lease));
  }

  remove(key: ByteString): void {
    this.terms.delete(key);
    this.leases.delete(key);
  }

  view(key: ByteString): SessionView | undefined {
    const terms = this.terms.get(key);
    const lease = this.leaseOf(key);
    if (terms === undefined || lease === undefined) return undefined;
    const { deadlineMs, lastTouchMs } = lease;
    return { id: sessionIdOfKey(key), deadlineMs, lastTouchMs, ...readTerms(terms) };
  }

  keyAfter(key: ByteString): ByteString | undefined {
    return this.terms.next(key)?.[0];
  }
}

/** Decodes no more than it is asked for: most requests need only the principal. */
class StoredSession implements LiveSession {
  readonly key: ByteString;
  readonly ended = undefined;
  readonly deadlineMs: ClusterMs;
  readonly lastTouchMs: ClusterMs;
  readonly ackedBelow: RequestNumber;
  private readonly termsRow: Uint8Array;
  private decoded: SessionTerms | undefined;

  constructor(key: ByteString, termsRow: Uint8Array, leaseRow: Uint8Array) {
    this.key = key;
    this.termsRow = termsRow;
    this.deadlineMs = readU64(leaseRow, 0) as ClusterMs;
    this.lastTouchMs = readU64(leaseRow, 8) as ClusterMs;
    this.ackedBelow = readU64(leaseRow, 16) as RequestNumber;
  }

  get id(): SessionId {
    return sessionIdOfKey(this.key);
  }

  get principal(): string {
    return this.decoded?.principal ?? new Reader(this.termsRow).text();
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
  const row = new Uint8Array(24);
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
  let rest = value;
  for (let byte = at + 7; byte >= at; byte -= 1) {
    row[byte] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
}

function readU64(row: Uint8Array, at: number): number {
  let value = 0;
  for (let byte = at; byte < at + 8; byte += 1) value = value * 0x100 + (row[byte] as number);
  return value;
}
