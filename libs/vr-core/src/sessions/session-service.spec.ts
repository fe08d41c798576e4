import { TimerTable } from '../clock/timers';
import { fnvHash } from '../encoding/fnv-hash';
import { Malformed } from '../encoding/malformed';
import { createSolo, type Solo } from '../service/solo';
import type { SessionId } from '../service/state-machine';
import { createStateStore } from '../service/state-store';
import {
  decodeSessionAnswer,
  decodeSessionEvent,
  decodeSessionOutcome,
  encodeSessionOperation,
  encodeSessionQuery,
  type SessionOperation,
  type SessionOutcome,
  type SessionQuery,
} from './operations';
import { sessionIdOfKey, sessionKeyOf } from './session-id';
import { SessionService } from './session-service';
import { SessionTable } from './session-table';

const ask = (solo: Solo, query: SessionQuery) =>
  decodeSessionAnswer(solo.read('sessions', encodeSessionQuery(query)).bytes);

const shown = (solo: Solo, session: SessionId) => {
  const answer = ask(solo, { kind: 'get', session });
  return answer.kind === 'session' ? answer.session : undefined;
};

const close = (solo: Solo, session: string, principal = 'local') => {
  const answer = solo.closeSession(session as SessionId, { principal });
  if (answer.kind === 'problem') throw new Error(answer.code);
  return { refused: answer.refused, ...decodeSessionOutcome(answer.bytes) };
};

const told = (solo: Solo) => solo.events.map(({ bytes }) => decodeSessionEvent(bytes));

describe('a session', () => {
  it('is shown with all it was opened with', () => {
    const solo = createSolo([]);
    solo.advance(1_000);
    const session = solo.openSession({
      principal: 'ann',
      ttlMs: 5_000,
      name: 'worker',
      metadata: '{"host":"a"}',
      lockDelayMs: 300,
      onEnd: 'delete',
    });
    expect(shown(solo, session)).toEqual({
      id: '1-0',
      principal: 'ann',
      ttlMs: 5_000,
      deadlineMs: 6_000,
      lastTouchMs: 1_000,
      openedAtMs: 1_000,
      name: 'worker',
      metadata: '{"host":"a"}',
      lockDelayMs: 300,
      onEnd: 'delete',
    });
  });

  it('lives from 2 s to a day without a keepalive, by its own wish', () => {
    const solo = createSolo([]);
    for (const ttlMs of [1_999, 86_400_001, 2_000.5, Number.NaN])
      expect(() => solo.openSession({ ttlMs })).toThrow(Malformed);
    for (const ttlMs of [2_000, 86_400_000]) {
      const session = solo.openSession({ ttlMs });
      expect(shown(solo, session)?.ttlMs).toBe(ttlMs);
    }
  });

  it('refuses other terms that are out of bounds', () => {
    const solo = createSolo([]);
    expect(() => solo.openSession({ lockDelayMs: 60_001 })).toThrow(Malformed);
    expect(() => solo.openSession({ metadata: 'x'.repeat(4_097) })).toThrow(Malformed);
    expect(() => solo.openSession({ onEnd: 'explode' as 'release' })).toThrow(Malformed);
    expect(solo.execution.executed).toBe(0);
  });

  it('is closed once, and closing again says so', () => {
    const solo = createSolo([]);
    const session = solo.openSession();
    expect(close(solo, session)).toEqual({ refused: false, kind: 'closed' });
    expect(close(solo, session)).toEqual({ refused: false, kind: 'already-closed' });
    expect(close(solo, 'nonsense')).toEqual({ refused: false, kind: 'already-closed' });
    expect(told(solo)).toEqual([
      { kind: 'opened', id: session },
      { kind: 'ended', id: session, cause: 'closed' },
    ]);
  });

  it('is closed by its own principal only (decision 30)', () => {
    const solo = createSolo([]);
    const session = solo.openSession({ principal: 'ann' });
    expect(close(solo, session, 'bob')).toEqual({ refused: true, kind: 'not-your-session' });
    expect(shown(solo, session)).toBeDefined();
    expect(close(solo, session, 'ann').kind).toBe('closed');
  });

  it('that was closed leaves no timer behind', () => {
    const solo = createSolo([]);
    const empty = solo.digest('core.timers');
    close(solo, solo.openSession());
    expect(solo.digest('core.timers')).toBe(empty);
    expect(solo.digest('sessions')).toBe(createSolo([]).digest('sessions'));
  });

  it('may close itself with a request of its own', () => {
    const solo = createSolo([]);
    const session = solo.openSession();
    const options = { session, requestNumber: 1 };
    expect(solo.closeSession(session, options)).toMatchObject({ kind: 'outcome', refused: false });
    expect(solo.closeSession(session, options)).toMatchObject({ code: 'session-expired' });
  });

  it('past its deadline lives until a Tick, and a keepalive in that Tick saves it (R2, R3)', () => {
    const solo = createSolo([]);
    const session = solo.openSession({ ttlMs: 2_000 });
    const other = solo.openSession({ ttlMs: 2_000 });
    solo.stall(10_000);
    expect(shown(solo, session)).toBeDefined();
    expect(
      solo.submit('sessions', encodeSessionOperation({ kind: 'close', session: other }), {
        session: other,
      }),
    ).toMatchObject({ kind: 'outcome' });
    expect(solo.keepalive(session)).toBe(true);
    expect(shown(solo, session)?.deadlineMs).toBe(12_000);
    expect(solo.keepalive(other)).toBe(false);
  });

  it('expires at exactly the ttl after its last keepalive, however many came before', () => {
    const solo = createSolo([]);
    const session = solo.openSession({ ttlMs: 2_000 });
    for (let left = 10; left > 0; left -= 1) {
      solo.advance(1_500);
      solo.keepalive(session);
    }
    solo.advance(1_999);
    expect(shown(solo, session)).toBeDefined();
    solo.advance(1);
    expect(shown(solo, session)).toBeUndefined();
    expect(told(solo).at(-1)).toEqual({ kind: 'ended', id: session, cause: 'expired' });
  });

  it('expires in the order of deadlines, not of ids', () => {
    const solo = createSolo([]);
    const long = solo.openSession({ ttlMs: 4_000 });
    const short = solo.openSession({ ttlMs: 3_000 });
    solo.stall(10_000);
    solo.advance(0);
    expect(told(solo).slice(2)).toEqual([
      { kind: 'ended', id: short, cause: 'expired' },
      { kind: 'ended', id: long, cause: 'expired' },
    ]);
  });
});

describe('the grace of a new view (decision 10)', () => {
  const graceMs = 3_000;

  it('gives a session near its end time to be heard', () => {
    const solo = createSolo([]);
    const session = solo.openSession({ ttlMs: 5_000 });
    solo.advance(4_500);
    solo.newView();
    expect(shown(solo, session)?.deadlineMs).toBe(4_500 + graceMs);
    solo.advance(graceMs - 1);
    expect(shown(solo, session)).toBeDefined();
    solo.advance(1);
    expect(shown(solo, session)).toBeUndefined();
  });

  it('changes nothing for a session with more time than that', () => {
    const solo = createSolo([]);
    const session = solo.openSession({ ttlMs: 5_000 });
    solo.advance(2_000);
    solo.newView();
    expect(shown(solo, session)?.deadlineMs).toBe(5_000);
    solo.newView();
    expect(shown(solo, session)?.deadlineMs).toBe(5_000);
  });

  it('takes no time from a session that was kept alive since its timer was set', () => {
    const solo = createSolo([]);
    const session = solo.openSession({ ttlMs: 5_000 });
    solo.advance(4_000);
    solo.keepalive(session);
    solo.newView();
    expect(shown(solo, session)?.deadlineMs).toBe(9_000);
  });

  it('lets no session live longer than two ttl after its last keepalive, in however many views', () => {
    const solo = createSolo([]);
    const session = solo.openSession({ ttlMs: 2_000 });
    for (let left = 30; left > 0; left -= 1) {
      solo.advance(150);
      solo.newView();
    }
    expect(shown(solo, session)).toBeUndefined();
    expect(solo.events.at(-1)?.opNumber).toBeGreaterThan(25);
  });

  it('is for overdue sessions that no Tick has ended yet, too', () => {
    const solo = createSolo([]);
    const session = solo.openSession({ ttlMs: 3_000 });
    solo.stall(3_500);
    solo.newView();
    expect(shown(solo, session)?.deadlineMs).toBe(6_000);
  });
});

describe('the list of sessions', () => {
  it('is in the order of opening, in pages, by prefix', () => {
    const solo = createSolo([]);
    const ids = Array.from({ length: 12 }, (_, at) =>
      solo.openSession({ name: at % 2 === 0 ? `even ${at}` : `odd ${at}` }),
    );
    const page = (query: Omit<Extract<SessionQuery, { kind: 'list' }>, 'kind'>) => {
      const answer = ask(solo, { kind: 'list', ...query });
      if (answer.kind !== 'sessions') throw new Error(answer.kind);
      return { ids: answer.sessions.map(({ id }) => id), more: answer.more };
    };
    expect(page({ after: undefined, limit: 5, prefix: undefined })).toEqual({
      ids: ids.slice(0, 5),
      more: true,
    });
    expect(page({ after: ids[4], limit: 7, prefix: undefined })).toEqual({
      ids: ids.slice(5),
      more: false,
    });
    expect(page({ after: undefined, limit: 10, prefix: 'odd' })).toEqual({
      ids: ids.filter((_, at) => at % 2 === 1),
      more: false,
    });
  });
});

describe('a session id', () => {
  it('has one spelling, and a key in the order of opening', () => {
    for (const id of ['1-0', '57-3', '9007199254740991-4294967295'])
      expect(sessionIdOfKey(sessionKeyOf(id) ?? ('' as never))).toBe(id);
    for (const id of [
      '',
      '1',
      '1-',
      '-1',
      '01-0',
      '1-00',
      '1-0 ',
      '1.5-0',
      '1-4294967296',
      '9007199254740992-0',
    ])
      expect(sessionKeyOf(id)).toBeUndefined();
    expect((sessionKeyOf('9-0') ?? '') < (sessionKeyOf('10-0') ?? '')).toBe(true);
    expect((sessionKeyOf('9-2') ?? '') < (sessionKeyOf('9-10') ?? '')).toBe(true);
  });
});

describe('as many sessions as there may be', () => {
  it('leave no room for another until one ends', () => {
    const tables = createStateStore(fnvHash).tablesOf('sessions');
    const timers = new TimerTable(createStateStore(fnvHash).tablesOf('timers'), ['sessions']);
    const service = new SessionService(new SessionTable(tables), timers, () => undefined, 2);
    let opNumber = 0;
    const apply = (operation: SessionOperation) => {
      const context = {
        opNumber: (opNumber += 1),
        index: 0,
        clusterMs: 0,
        principal: 'local',
        ...quiet,
      };
      const { bytes } = service.apply(encodeSessionOperation(operation), context as never);
      return decodeSessionOutcome(bytes);
    };
    const open = (): SessionOutcome =>
      apply({
        kind: 'open',
        ttlMs: 2_000,
        name: undefined,
        metadata: undefined,
        lockDelayMs: 0,
        onEnd: 'release',
      });
    const first = open();
    expect(open().kind).toBe('opened');
    expect(open()).toEqual({ kind: 'limit-reached', limit: 'sessions', max: 2 });
    if (first.kind !== 'opened') throw new Error(first.kind);
    expect(apply({ kind: 'close', session: first.id }).kind).toBe('closed');
    expect(open().kind).toBe('opened');
  });
});

const quiet = { events: { publish: () => undefined } };
