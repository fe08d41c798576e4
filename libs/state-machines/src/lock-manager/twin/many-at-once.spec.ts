import type { Mode } from '../model/compatibility';
import { fenceIn, SoloLocks } from './solo-locks';

/** What is too much for one operation is done in the Ticks that follow, in an order that depends on the log alone. */
describe('very many at once', () => {
  const HOLDS = 300;

  /** A session with many locks, each wanted by another one. */
  function crowded() {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(2_000), locks.open()];
    for (let at = 0; at < HOLDS; at += 1) {
      locks.acquire(ann, `l${at}`, { maxHoldMs: 60_000 });
      locks.acquire(bob, `l${at}`, { request: `w${at}` });
    }
    const granted = (): number =>
      locks.ask({ kind: 'session', session: bob }).holds.filter(({ state }) => state === 'granted')
        .length;
    return { locks, ann, bob, granted };
  }

  it('frees the locks of a session that has ended in several steps of one cluster time', () => {
    const { locks, ann, granted } = crowded();
    locks.solo.closeSession(ann);
    const first = granted();
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(HOLDS);
    locks.solo.advance(0);
    expect(locks.events.filter(({ kind }) => kind === 'lock.released')).toHaveLength(HOLDS);
    expect(locks.stateOf(`w${HOLDS - 1}`)).toBe('granted');
    expect([...locks.solo.execution.internalErrors]).toEqual([]);
  });

  it('leaves nothing of the session behind, and no lock unused that is wanted', () => {
    const { locks, bob } = crowded();
    locks.solo.advance(2_000);
    const waits = locks.ask({ kind: 'session', session: bob }).waits;
    expect(waits).toEqual([]);
    locks.solo.closeSession(bob);
    locks.solo.advance(0);
    const all = { prefix: '', state: 'any', after: undefined, limit: 10 } as const;
    expect(locks.ask({ kind: 'locks', ...all }).locks).toEqual([]);
  });

  it('grants nothing to a session that has ended and is still being cleared away', () => {
    const { locks, ann, bob } = crowded();
    const cid = locks.open();
    for (let at = 0; at < HOLDS; at += 1) locks.acquire(cid, `l${at}`, { request: `c${at}` });
    locks.solo.closeSession(bob);
    locks.solo.closeSession(ann);
    locks.solo.advance(0);
    const toBob = locks.events.filter(
      (event) => event.kind === 'lock.granted' && event.session === bob,
    );
    expect(toBob).toEqual([]);
    expect(locks.stateOf(`c${HOLDS - 1}`)).toBe('granted');
  });

  it('lets in more readers than one step grants, in order, with rising fences', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fence = fenceIn(locks.acquire(ann, 'door'));
    const mode: Mode = 'shared';
    const READERS = 1_300;
    for (let at = 0; at < READERS; at += 1) locks.acquire(ann, 'door', { mode, owner: `${at}` });
    locks.acquire(ann, 'door', { owner: 'writer', request: 'writer' });
    locks.release(ann, 'door', fence);
    const grants = () => locks.events.filter((event) => event.kind === 'lock.granted').slice(1);
    expect(grants().length).toBeLessThan(READERS);
    locks.solo.advance(0);
    expect(grants().map(({ owner }) => owner)).toEqual(
      Array.from({ length: READERS }, (_, at) => `${at}`),
    );
    expect(locks.stateOf('writer')).toBe('queued');
  });
});
