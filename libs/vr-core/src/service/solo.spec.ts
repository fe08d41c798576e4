import { decodeSessionAnswer, encodeSessionQuery } from '../sessions/operations';
import type { SessionId } from './state-machine';
import { createSolo, type Solo } from './solo';

const shown = (solo: Solo, session: SessionId) =>
  decodeSessionAnswer(solo.read('sessions', encodeSessionQuery({ kind: 'get', session })).bytes);

describe('a solo group', () => {
  it('names a session by the op and index that opened it', () => {
    const solo = createSolo([]);
    expect(solo.openSession()).toBe('1-0');
    expect(solo.openSession()).toBe('2-0');
  });

  it('expires a session at its deadline and not before', () => {
    const solo = createSolo([]);
    const session = solo.openSession({ ttlMs: 5_000 });
    solo.advance(4_999);
    expect(shown(solo, session).kind).toBe('session');
    solo.advance(1);
    expect(shown(solo, session).kind).toBe('missing');
  });

  it('lets a session live a whole ttl from its last keepalive', () => {
    const solo = createSolo([]);
    const session = solo.openSession({ ttlMs: 5_000 });
    solo.advance(4_000);
    expect(solo.keepalive(session)).toBe(true);
    solo.advance(4_999);
    expect(shown(solo, session).kind).toBe('session');
    solo.advance(1);
    expect(solo.keepalive(session)).toBe(false);
  });
});
