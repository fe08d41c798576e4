import type { ByteString } from '../encoding/byte-string';
import { key, keyAfter12, keyU64, readKeyU64, terminated } from '../encoding/key';
import { utf8Encode } from '../encoding/utf8';
import type { Request } from '../messages/request';
import type { ClusterMs, OpNumber, RequestNumber } from '../numbers/numbers';
import type { Ordered, Tables } from '../service/tables';
import type { LiveSession, SessionTable } from '../sessions/session-table';
import { openingOpOf, sessionKeyOf } from '../sessions/session-id';
import type { Answer, ProblemCode } from './answer';
import { readRequestRow, writeRequestRow, type CommittedAnswer } from './request-row';

/** How far beyond what it has acknowledged a client may number its requests. (decision 1) */
export const REQUEST_WINDOW = 1024;
export const KEYED_ROW_MS = 3_600_000;
export const KEYED_ROWS_MAX = 100_000;

/** An acknowledgement of so few numbers deletes them one by one. */
const SMALL_STEP = 8;

const NOTHING = new Uint8Array(0);

type Named = Pick<Request, 'name' | 'principal' | 'requestHash'>;

/** Where a new request will be kept once it has its answer. */
export type RequestPlace =
  | { readonly kind: 'numbered'; readonly session: LiveSession; readonly requestNumber: number }
  | { readonly kind: 'keyed'; readonly key: ByteString };

/**
 * The client table: the answers of committed requests, by name, so that each is executed once however often it is
 * sent. Requests enter it when they are executed and not before: what is only in the log may yet be lost.
 * (VRR §4.1 step 2; E22; decision 1)
 */
export class RequestTable {
  /** (session, request-number) -> row. */
  private readonly numbered: Ordered;
  /** (principal, hash of the key) -> deadline and row. */
  private readonly keyed: Ordered;
  /** (deadline, principal, hash of the key) -> nothing. */
  private readonly keyedDue: Ordered;
  private readonly sessions: SessionTable;
  private readonly keyedMax: number;

  constructor(tables: Tables, sessions: SessionTable, keyedMax = KEYED_ROWS_MAX) {
    this.numbered = tables.ordered('numbered');
    this.keyed = tables.ordered('keyed');
    this.keyedDue = tables.ordered('keyed-due');
    this.sessions = sessions;
    this.keyedMax = keyedMax;
  }

  /**
   * The answer that what has been executed up to `executed` already decides, undefined for a request that is new.
   * The window is not looked at: the request itself may move it when it is executed.
   */
  committedAnswer(request: Named, executed: OpNumber): Answer | undefined {
    const { name } = request;
    if (name.kind === 'keyed') return this.keyedAnswer(keyOf(request, name.keyHash), request);
    const session = this.sessions.find(name.session);
    if (session === undefined)
      return mayYetOpen(name.session, executed) ? undefined : problem('session-expired');
    if (session.principal !== request.principal) return problem('not-your-session');
    if (name.requestNumber < session.ackedBelow) return problem('already-acknowledged');
    return this.keptAnswer(session, name.requestNumber, request);
  }

  /** At execution: the place for a new request, or the answer to one that is not executed (again). */
  place(request: Request): RequestPlace | Answer {
    const { name } = request;
    if (name.kind === 'keyed') {
      const rowKey = keyOf(request, name.keyHash);
      return this.keyedAnswer(rowKey, request) ?? { kind: 'keyed', key: rowKey };
    }
    const found = this.sessions.find(name.session);
    if (found === undefined) return problem('session-expired');
    if (found.principal !== request.principal) return problem('not-your-session');
    const ackedBelow = this.acknowledge(found, request.ackedBelow);
    const { requestNumber } = name;
    if (requestNumber < ackedBelow) return problem('already-acknowledged');
    const answer = this.keptAnswer(found, requestNumber, request);
    if (answer !== undefined) return answer;
    if (requestNumber >= ackedBelow + REQUEST_WINDOW) return problem('request-window');
    return { kind: 'numbered', session: found, requestNumber };
  }

  /** Keeps the answer. That of a session's own end is not kept: the session's rows are gone with it. */
  record(place: RequestPlace, request: Request, answer: CommittedAnswer, nowMs: ClusterMs): void {
    const row = writeRequestRow(request.requestHash, answer);
    if (place.kind === 'keyed') this.recordKeyed(place.key, row, nowMs);
    else if (this.sessions.has(place.session.key))
      this.numbered.put(keyAfter12(place.session.key, place.requestNumber), row);
  }

  removeSession(sessionKey: ByteString): void {
    for (let entry = this.numbered.next(sessionKey); entry !== undefined;) {
      if (!entry[0].startsWith(sessionKey)) return;
      this.numbered.delete(entry[0]);
      entry = this.numbered.next(entry[0]);
    }
  }

  /** When the oldest keyed row may go. */
  minKeyedMs(): ClusterMs | undefined {
    const first = this.keyedDue.first();
    return first === undefined ? undefined : (readKeyU64(first[0], 0) as ClusterMs);
  }

  /** Drops keyed rows whose time is over, in (deadline, key) order, at most `most`. A Tick's work. */
  evictKeyed(nowMs: ClusterMs, most: number): void {
    for (let left = most; left > 0; left -= 1) {
      const first = this.keyedDue.first();
      if (first === undefined || readKeyU64(first[0], 0) > nowMs) return;
      this.evict(first[0]);
    }
  }

  private keptAnswer(
    session: LiveSession,
    requestNumber: number,
    request: Named,
  ): Answer | undefined {
    const row = this.numbered.get(keyAfter12(session.key, requestNumber));
    return row && readRequestRow(row, request.requestHash);
  }

  private keyedAnswer(rowKey: ByteString, request: Named): Answer | undefined {
    const row = this.keyed.get(rowKey);
    return row && readRequestRow(row, request.requestHash);
  }

  /** What a client has acknowledged it never asks for again; it takes nothing back. */
  private acknowledge(session: LiveSession, below: RequestNumber): RequestNumber {
    const { key: sessionKey, ackedBelow } = session;
    if (below <= ackedBelow) return ackedBelow;
    this.sessions.acknowledge(session, below);
    // Below the old mark there are no rows; a small step is quicker by number than by looking for the next row.
    if (below - ackedBelow <= SMALL_STEP)
      for (let number: number = ackedBelow; number < below; number += 1)
        this.numbered.delete(keyAfter12(sessionKey, number));
    else this.deleteUntil(sessionKey, keyAfter12(sessionKey, below));
    return below;
  }

  private deleteUntil(from: ByteString, end: ByteString): void {
    for (let row = this.numbered.next(from); row !== undefined && row[0] < end;) {
      this.numbered.delete(row[0]);
      row = this.numbered.next(row[0]);
    }
  }

  /** A full table loses its oldest row: a bound that clients cannot break is worth more than the hour. */
  private recordKeyed(rowKey: ByteString, row: Uint8Array, nowMs: ClusterMs): void {
    const oldest = this.keyed.size >= this.keyedMax ? this.keyedDue.first() : undefined;
    if (oldest !== undefined) this.evict(oldest[0]);
    this.keyed.put(rowKey, row);
    this.keyedDue.put(key(keyU64(nowMs + KEYED_ROW_MS), rowKey), NOTHING);
  }

  private evict(due: ByteString): void {
    this.keyedDue.delete(due);
    this.keyed.delete(due.slice(8) as ByteString);
  }
}

/** A session that an op not yet executed here opens is not known to be gone. */
function mayYetOpen(session: string, executed: OpNumber): boolean {
  const sessionKey = sessionKeyOf(session);
  return sessionKey !== undefined && openingOpOf(sessionKey) > executed;
}

const problem = (code: ProblemCode): Answer => ({ kind: 'problem', code });

const keyOf = (request: Named, keyHash: ByteString): ByteString =>
  key(terminated(utf8Encode(request.principal)), keyHash);
