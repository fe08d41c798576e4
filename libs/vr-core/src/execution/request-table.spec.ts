import { fnvHash } from '../encoding/fnv-hash';
import type { ByteString } from '../encoding/byte-string';
import { keyU64 } from '../encoding/key';
import { Malformed } from '../encoding/malformed';
import type { Request, RequestName } from '../messages/request';
import { requestNumber, type ClusterMs } from '../numbers/numbers';
import { createSolo } from '../service/solo';
import { done, refused, type Plugin, type SessionId } from '../service/state-machine';
import { createStateStore } from '../service/state-store';
import { SessionTable } from '../sessions/session-table';
import { KEYED_ROW_MS, REQUEST_WINDOW, RequestTable } from './request-table';

/** Answers how often it was executed; an even operation is refused. */
const tally: Plugin = {
  name: 'tally',
  formatVersion: 1,
  create: (tables) => {
    const counts = tables.ordered('counts');
    const key = 'count' as ByteString;
    return {
      validate: (operation) => {
        if (operation.length !== 1) throw new Malformed('', 'must be one byte');
      },
      apply: ([operation = 0]) => {
        const count = Uint8Array.of((counts.get(key)?.[0] ?? 0) + 1);
        counts.put(key, count);
        return operation % 2 === 0 ? refused(count) : done(count);
      },
      read: () => done(counts.get(key) ?? Uint8Array.of(0)),
    };
  },
};

const ONE = Uint8Array.of(1);
const EVEN = Uint8Array.of(2);
const THREE = Uint8Array.of(3);

const group = () => {
  const solo = createSolo([tally]);
  const session = solo.openSession({ ttlMs: 60_000 });
  return {
    solo,
    session,
    /** The answer to a numbered request, as a word. */
    number: (number: number, ackedBelow = 0, operation = ONE) => {
      const options = { session, requestNumber: number, ackedBelow };
      const answer = solo.submit('tally', operation, options);
      return answer.kind === 'problem' ? answer.code : answer.replayed ? 'replayed' : 'executed';
    },
    count: () => solo.read('tally', ONE).bytes[0],
  };
};

const problem = (code: string) => ({ kind: 'problem', code });

describe('a numbered request (VRR §4.1 step 2)', () => {
  it('is executed once and answered alike however often it is sent', () => {
    const { solo, session, count } = group();
    const options = { session, requestNumber: 7 };
    const first = solo.submit('tally', ONE, options);
    expect(first).toMatchObject({ kind: 'outcome', replayed: false, opNumber: 2, index: 0 });
    expect(solo.submit('tally', ONE, options)).toEqual({ ...first, replayed: true });
    expect(count()).toBe(1);
  });

  it('keeps a refused outcome too', () => {
    const { number, count } = group();
    expect(number(1, 0, EVEN)).toBe('executed');
    expect(number(1, 0, EVEN)).toBe('replayed');
    expect(count()).toBe(0);
  });

  it('may come in any order, with gaps', () => {
    const { number } = group();
    expect([9, 3, 5, 9, 3].map((at) => number(at))).toEqual([
      'executed',
      'executed',
      'executed',
      'replayed',
      'replayed',
    ]);
  });

  it('is refused when its number stood for another operation', () => {
    const { number, count } = group();
    number(1);
    expect(number(1, 0, THREE)).toBe('request-reused');
    expect(count()).toBe(1);
  });

  it('is not executed again below what was acknowledged, and an acknowledgement is not taken back', () => {
    const { number, count } = group();
    expect(number(1)).toBe('executed');
    expect(number(2, 2)).toBe('executed');
    expect(number(1)).toBe('already-acknowledged');
    expect(number(0)).toBe('already-acknowledged');
    expect(number(2, 1)).toBe('replayed');
    expect(count()).toBe(2);
  });

  it('loses its row when acknowledged, and not before', () => {
    const { number, solo } = group();
    for (let at = 0; at < 10; at += 1) number(at);
    const full = solo.digest('core.requests');
    expect(number(9, 0)).toBe('replayed');
    expect(solo.digest('core.requests')).toBe(full);
    number(9, 5);
    expect(solo.digest('core.requests')).not.toBe(full);
    expect([5, 6, 7, 8, 9].map((at) => number(at))).toEqual(Array(5).fill('replayed'));
    expect([0, 4].map((at) => number(at))).toEqual(Array(2).fill('already-acknowledged'));
  });

  it('is refused beyond the window, which its own acknowledgement may move', () => {
    const { number } = group();
    expect(number(REQUEST_WINDOW - 1)).toBe('executed');
    expect(number(REQUEST_WINDOW)).toBe('request-window');
    expect(number(REQUEST_WINDOW, 1)).toBe('executed');
    expect(number(REQUEST_WINDOW + 1, 1)).toBe('request-window');
  });

  it('of a session that is gone, or never was, is not executed', () => {
    const { solo, session, count } = group();
    solo.closeSession(session);
    expect(solo.submit('tally', ONE, { session })).toEqual(problem('session-expired'));
    for (const id of ['99-0', '01-0', 'x', ''])
      expect(solo.submit('tally', ONE, { session: id as SessionId })).toEqual(
        problem('session-expired'),
      );
    expect(count()).toBe(0);
  });

  it("of another principal's session is not executed", () => {
    const { solo, count } = group();
    const session = solo.openSession({ principal: 'ann' });
    expect(solo.submit('tally', ONE, { session, principal: 'bob' })).toEqual(
      problem('not-your-session'),
    );
    expect(solo.submit('tally', ONE, { session, principal: 'ann' }).kind).toBe('outcome');
    expect(count()).toBe(1);
  });

  it('leaves nothing behind when its session ends', () => {
    const { solo, session } = group();
    const other = solo.openSession();
    solo.submit('tally', ONE, { session: other, requestNumber: 1 });
    for (let at = 0; at < 20; at += 1) solo.submit('tally', ONE, { session, requestNumber: at });
    solo.advance(60_000);
    const twin = createSolo([tally]);
    const twinSession = twin.openSession({ ttlMs: 60_000 });
    twin.openSession();
    twin.advance(60_000);
    expect(twin.keepalive(twinSession)).toBe(false);
    expect(solo.digest('core.requests')).toBe(twin.digest('core.requests'));
  });
});

describe('a keyed request', () => {
  const key = { idempotencyKey: 'order 66' };

  it('is executed once for each principal and key', () => {
    const { solo, count } = group();
    const first = solo.submit('tally', ONE, key);
    expect(solo.submit('tally', ONE, key)).toEqual({ ...first, replayed: true });
    expect(solo.submit('tally', THREE, key)).toEqual(problem('request-reused'));
    expect(solo.submit('tally', ONE, { ...key, principal: 'bob' })).toMatchObject({
      replayed: false,
    });
    expect(count()).toBe(2);
  });

  it('keeps a refused outcome too', () => {
    const { solo } = group();
    solo.submit('tally', EVEN, key);
    expect(solo.submit('tally', EVEN, key)).toMatchObject({ refused: true, replayed: true });
  });

  it('is known for an hour of cluster time, and forgotten by a Tick', () => {
    const { solo } = group();
    solo.submit('tally', ONE, key);
    solo.advance(KEYED_ROW_MS - 1);
    expect(solo.submit('tally', ONE, key)).toMatchObject({ replayed: true });
    solo.stall(1);
    expect(solo.submit('tally', ONE, key)).toMatchObject({ replayed: true });
    solo.advance(0);
    expect(solo.submit('tally', ONE, key)).toMatchObject({ replayed: false });
  });
});

describe('the request table', () => {
  const request = (name: RequestName): Request => ({
    name,
    principal: 'local',
    service: 'tally',
    operation: ONE,
    requestHash: fnvHash(ONE),
    ackedBelow: requestNumber(0),
  });
  const keyed = (value: number) => request({ kind: 'keyed', keyHash: keyU64(value) });

  it('makes room for a keyed row by dropping the one that would go first', () => {
    const tables = createStateStore(fnvHash).tablesOf('t');
    const table = new RequestTable(tables, new SessionTable(tables), 3);
    const answer = { kind: 'problem', code: 'internal-error' } as const;
    [30, 10, 20, 40].forEach((value, at) => {
      const place = table.place(keyed(value));
      if (place.kind !== 'keyed') throw new Error('it is new');
      table.record(place, keyed(value), answer, at as ClusterMs);
    });
    const kept = [10, 20, 30, 40].filter((value) =>
      table.committedAnswer(keyed(value), 0 as never),
    );
    expect(kept).toEqual([10, 20, 40]);
    expect(table.minKeyedMs()).toBe(KEYED_ROW_MS + 1);
  });

  it('says of committed requests what every replica would, and nothing of new ones', () => {
    const { solo, session } = group();
    const { execution } = solo;
    const numbered = (number: number, of: string = session): Request =>
      request({
        kind: 'numbered',
        session: of as SessionId,
        requestNumber: requestNumber(number),
      });
    solo.submit('tally', ONE, { session, requestNumber: 5, ackedBelow: 3 });
    expect(execution.committedAnswer(numbered(4))).toBeUndefined();
    expect(execution.committedAnswer(numbered(99_999))).toBeUndefined();
    expect(execution.committedAnswer(numbered(2))).toEqual(problem('already-acknowledged'));
    expect(execution.committedAnswer(numbered(5))).toEqual(problem('request-reused'));
    expect(execution.committedAnswer({ ...numbered(4), principal: 'bob' })).toEqual(
      problem('not-your-session'),
    );
    expect(execution.committedAnswer(numbered(4, '2-0'))).toEqual(problem('session-expired'));
    // Op 3 has not been executed here: the session it may open is not known to be gone.
    expect(execution.committedAnswer(numbered(4, '3-0'))).toBeUndefined();
    expect(execution.committedAnswer(keyed(1_000))).toBeUndefined();
  });
});
