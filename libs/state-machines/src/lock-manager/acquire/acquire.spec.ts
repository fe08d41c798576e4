import { MODES, type Mode } from '../model/compatibility';
import { fenceIn, SoloLocks, type AcquireTerms } from '../twin/solo-locks';

const GENERATION_1 = 2n ** 44n;

describe('acquire', () => {
  it('grants a free lock at once, with the first fence of generation 1', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    expect(locks.acquire(ann, 'door', { request: 'r' })).toEqual({
      kind: 'granted',
      request: 'r',
      grants: [{ lock: 'door', mode: 'exclusive', permits: 1, fence: GENERATION_1 + 1n }],
      sinceMs: 0,
      deadlineMs: 0,
    });
  });

  it('draws fences of all locks from one rising counter', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const fences = ['b', 'a', 'c'].map((lock) => fenceIn(locks.acquire(ann, lock)));
    expect(fences).toEqual([GENERATION_1 + 1n, GENERATION_1 + 2n, GENERATION_1 + 3n]);
  });

  it('gives no fence away to those who only asked', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    locks.acquire(ann, 'door');
    locks.acquire(bob, 'door', { waitMs: 0 });
    locks.acquire(bob, 'door');
    expect(fenceIn(locks.acquire(bob, 'gate'))).toBe(GENERATION_1 + 2n);
  });

  it('lets two owners hold a lock in the modes that go together, and in no others', () => {
    const together = MODES.map((held) => {
      const beside = MODES.filter((wanted) => {
        const locks = new SoloLocks();
        const terms = (mode: Mode) => ({ mode, ...(mode === 'permit' ? { limit: 2 } : {}) });
        locks.acquire(locks.open(), 'door', terms(held));
        return locks.acquire(locks.open(), 'door', terms(wanted)).kind === 'granted';
      });
      return [held, beside];
    });
    expect(Object.fromEntries(together)).toEqual({
      exclusive: [],
      shared: ['shared', 'update', 'intent-shared'],
      update: ['shared', 'intent-shared'],
      'intent-shared': MODES.filter((mode) => mode !== 'exclusive'),
      'intent-exclusive': ['intent-shared', 'intent-exclusive', 'permit'],
      'shared-intent-exclusive': ['intent-shared'],
      permit: ['intent-shared', 'intent-exclusive', 'permit'],
    });
  });

  it('queues whoever must wait, and says in which place', () => {
    const locks = new SoloLocks();
    locks.acquire(locks.open(), 'door');
    const places = ['second', 'third'].map((request) =>
      locks.acquire(locks.open(), 'door', { request }),
    );
    expect(places).toEqual([
      { kind: 'queued', request: 'second', position: 1 },
      { kind: 'queued', request: 'third', position: 2 },
    ]);
  });

  it('does not let a reader pass a writer that waits', () => {
    const locks = new SoloLocks();
    locks.acquire(locks.open(), 'door', { mode: 'shared' });
    locks.acquire(locks.open(), 'door', { mode: 'exclusive' });
    const late = locks.acquire(locks.open(), 'door', { mode: 'shared' });
    expect(late).toMatchObject({ kind: 'queued', position: 2 });
    expect(locks.acquire(locks.open(), 'door', { mode: 'shared', waitMs: 0 })).toMatchObject({
      kind: 'lock-waited',
      lock: 'door',
      queueLength: 2,
    });
  });

  it('refuses a try on a held lock, naming the holder and changing nothing', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    locks.solo.advance(5);
    const fence = fenceIn(locks.acquire(ann, 'door', { owner: 'cron', note: 'nightly run' }));
    const before = locks.solo.digest('locks');
    const eventsBefore = locks.events.length;
    expect(locks.acquire(locks.open(), 'door', { waitMs: 0 })).toEqual({
      kind: 'lock-held',
      lock: 'door',
      holder: {
        session: ann,
        owner: 'cron',
        mode: 'exclusive',
        permits: 1,
        fence,
        note: 'nightly run',
        sinceMs: 5,
      },
      queueLength: 0,
    });
    expect(locks.solo.digest('locks')).toBe(before);
    expect(locks.events).toHaveLength(eventsBefore);
  });

  it('leaves a lock with a holder past its deadline until a Tick has ended the lease', () => {
    const locks = new SoloLocks();
    locks.acquire(locks.open(2_000), 'door');
    const bob = locks.open();
    locks.solo.stall(60_000);
    expect(locks.acquire(bob, 'door', { waitMs: 0 }).kind).toBe('lock-held');
    locks.solo.advance(0);
    expect(locks.acquire(bob, 'door', { waitMs: 0 }).kind).toBe('granted');
  });

  it('refuses an owner that holds or waits already, for it would wait for itself', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    const fence = fenceIn(locks.acquire(ann, 'door', { request: 'held', mode: 'shared' }));
    locks.acquire(bob, 'door', { request: 'waits' });
    expect(locks.acquire(ann, 'door', { mode: 'shared' })).toEqual({
      kind: 'already-held',
      lock: 'door',
      request: 'held',
      fence,
    });
    expect(locks.acquire(bob, 'door', { waitMs: 0 })).toEqual({
      kind: 'already-queued',
      lock: 'door',
      request: 'waits',
    });
  });

  it('takes two owners of one session, and one owner at two sessions, for two', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const shared = { mode: 'shared' } as const;
    const outcomes = [
      locks.acquire(ann, 'door', { ...shared, owner: 'a' }),
      locks.acquire(ann, 'door', { ...shared, owner: 'b' }),
      locks.acquire(locks.open(), 'door', { ...shared, owner: 'a' }),
    ];
    expect(outcomes.map(({ kind }) => kind)).toEqual(['granted', 'granted', 'granted']);
  });

  it('answers a request it knows with its present state, and grants nothing twice', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    const first = locks.acquire(ann, 'door', { request: 'a' });
    locks.acquire(bob, 'door', { request: 'b' });
    expect(locks.acquire(ann, 'door', { request: 'a' })).toEqual(first);
    expect(locks.acquire(bob, 'door', { request: 'b' })).toMatchObject({ position: 1 });
    locks.release(ann, 'door', fenceIn(first));
    expect(locks.acquire(ann, 'door', { request: 'a' })).toEqual({
      kind: 'finished',
      request: 'a',
      state: 'released',
    });
    expect(locks.acquire(bob, 'door', { request: 'b' }).kind).toBe('granted');
  });

  it('refuses the name of a known request for anything else', () => {
    const locks = new SoloLocks();
    const [ann, bob] = [locks.open(), locks.open()];
    locks.acquire(ann, 'door', { request: 'a' });
    const others = [
      locks.acquire(ann, 'gate', { request: 'a' }),
      locks.acquire(bob, 'door', { request: 'a' }),
      locks.acquire(ann, 'door', { request: 'a', owner: 'x' }),
    ];
    expect(others).toEqual(others.map(() => ({ kind: 'request-reused' })));
  });

  it('refuses sessions that are gone, and those of another principal', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const eve = locks.solo.openSession({ principal: 'eve' });
    locks.solo.closeSession(ann);
    expect(locks.acquire(ann, 'door')).toEqual({ kind: 'session-expired' });
    expect(locks.acquire('never-was', 'door')).toEqual({ kind: 'session-expired' });
    expect(locks.acquire(eve, 'door')).toEqual({ kind: 'not-your-session' });
  });

  it('refuses the names that are words of the interface', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const outcomes = ['acquire', 'graph', 'events'].map((lock) => locks.acquire(ann, lock));
    expect(outcomes).toEqual(outcomes.map(() => ({ kind: 'reserved-name' })));
    expect(locks.acquire(ann, 'acquire/x').kind).toBe('granted');
  });

  it.each<[string, AcquireTerms & { lock?: string }]>([
    ['items.0.lock', { lock: '' }],
    ['items.0.lock', { lock: 'x'.repeat(513) }],
    ['items.0.lock', { lock: 'é'.repeat(257) }],
    ['items.0.lock', { lock: '\ud800' }],
    ['owner', { owner: 'x'.repeat(129) }],
    ['note', { note: 'x'.repeat(1_025) }],
    ['waitMs', { waitMs: 2 ** 40 + 1 }],
    ['waitMs', { waitMs: -1 }],
    ['items.0.mode', { mode: 'greedy' as 'shared' }],
  ])('names the field %s when it is out of bounds', (field, terms) => {
    const locks = new SoloLocks();
    const session = locks.open();
    expect(() => locks.acquire(session, terms.lock ?? 'door', terms)).toThrow(
      expect.objectContaining({ name: 'Malformed', field }) as Error,
    );
  });

  it('takes names up to 512 bytes, whatever characters they have', () => {
    const locks = new SoloLocks();
    const ann = locks.open();
    const names = ['é'.repeat(256), 'a/b', 'a\0', 'a', '\u{1f512}'];
    expect(names.map((lock) => locks.acquire(ann, lock).kind)).toEqual(names.map(() => 'granted'));
    expect(locks.ask({ kind: 'session', session: ann }).holds).toHaveLength(names.length);
  });
});
