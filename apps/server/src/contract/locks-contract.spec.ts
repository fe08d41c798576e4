import { textOf, type JsonObject } from './json';
import { Desk, malformedIn } from './solo-desk';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});

describe('locks in JSON', () => {
  it('grants with a fence as a decimal string and a sequencer that can be checked', () => {
    const session = desk.open();
    const granted = desk.do('locks', { kind: 'acquire', lock: 'a;b', session }) as JsonObject;
    const fence = `${2n ** 44n + 1n}`;
    expect(granted).toMatchObject({ state: 'granted', mode: 'exclusive', fence });
    expect(granted['sequencer']).toMatch(new RegExp(`^a;b;exclusive;${fence};1;0;[\\w-]{86}$`));
    const sequencers = [textOf(granted['sequencer']), `a;b;exclusive;${fence}`];
    const check = () => desk.ask('locks', { kind: 'check', sequencers });
    const valid = { valid: true, currentFence: fence };
    expect(check()).toEqual({ results: [valid, valid] });
    desk.do('locks', { kind: 'release', lock: 'a;b', session, fence });
    const invalid = { valid: false, reason: 'not-held' };
    expect(check()).toEqual({ results: [invalid, invalid] });
  });

  it('finds a sequencer with a forged signature worth nothing, whatever is held', () => {
    const session = desk.open();
    const { sequencer } = desk.do('locks', { kind: 'acquire', lock: 'a', session }) as JsonObject;
    const forged = textOf(sequencer).replace(/;[\w-]{86}$/, `;${'A'.repeat(86)}`);
    const check = desk.ask('locks', { kind: 'check', sequencers: [forged] });
    expect(check).toMatchObject({ results: [{ valid: false, reason: 'bad-signature' }] });
  });

  it('takes the session of the item where the operation names none', () => {
    const session = desk.open();
    const granted = desk.do('locks', { kind: 'acquire', lock: 'door' }, session);
    expect(granted).toMatchObject({ state: 'granted' });
  });

  it('shows for how long something has lasted, and what is left of a wait', () => {
    const [ann, bob] = [desk.open(), desk.open()];
    desk.do('locks', { kind: 'acquire', lock: 'door', session: ann, note: 'mine' });
    desk.do('locks', { kind: 'acquire', lock: 'door', session: bob, waitMs: 5_000 });
    desk.solo.stall(2_000);
    expect(desk.ask('locks', { kind: 'lock', lock: 'door' })).toMatchObject({
      holders: [{ session: ann, note: 'mine', sinceMs: 2_000, expiresInMs: 8_000 }],
      waiters: [{ session: bob, position: 1, sinceMs: 2_000, waitLeftMs: 3_000 }],
    });
    expect(desk.ask('locks', { kind: 'locks', state: 'waited' })).toMatchObject({
      locks: [{ name: 'door', waiters: 1, held: [{ mode: 'exclusive', holders: 1 }] }],
    });
  });

  it('says who stands in the way, and until when a delay lasts', () => {
    const ann = (
      desk.do('sessions', { kind: 'open', ttlMs: 5_000, lockDelayMs: 3_000 }) as JsonObject
    )['id'];
    desk.do('locks', { kind: 'acquire', lock: 'door', session: ann });
    const bob = textOf((desk.do('sessions', { kind: 'open', ttlMs: 60_000 }) as JsonObject)['id']);
    const tried = () =>
      desk.do('locks', { kind: 'acquire', lock: 'door', session: bob, waitMs: 0 });
    expect(tried()).toMatchObject({ code: 'lock-held', members: { holder: { session: ann } } });
    desk.solo.advance(5_000);
    expect(tried()).toMatchObject({ code: 'lock-delay', members: { retryAfterMs: 3_000 } });
  });

  const acquire = (lock: string, session: string, more: JsonObject = {}) =>
    desk.do('locks', { kind: 'acquire', lock, session, ...more }) as JsonObject;
  const holding = (lock: string, session: string, more: JsonObject = {}) => {
    const { fence } = acquire(lock, session, more);
    return { lock, session, fence };
  };

  it('takes several locks in one step, each with a fence of its own, in the order asked for', () => {
    const session = desk.open();
    const locks = [{ name: 'b' }, { name: 'a/1', mode: 'shared' }];
    const granted = desk.do('locks', { kind: 'acquire', session, locks, maxHoldMs: 5_000 });
    expect(granted).toMatchObject({
      state: 'granted',
      locks: [
        { lock: 'b', mode: 'exclusive', fence: `${2n ** 44n + 1n}` },
        { lock: 'a/1', mode: 'shared', fence: `${2n ** 44n + 2n}` },
      ],
      maxHoldLeftMs: 5_000,
    });
    const request = (granted as JsonObject)['request'];
    const state = desk.ask('locks', { kind: 'request', request });
    expect(state).toMatchObject({ state: 'granted', locks: (granted as JsonObject)['locks'] });
    expect(desk.ask('locks', { kind: 'session', session })).toMatchObject({
      holds: [{ locks: [{ lock: 'b', sequencer: `b;exclusive;${2n ** 44n + 1n}` }, {}] }],
    });
  });

  it('counts the permits of a semaphore, and keeps the limit that it is given', () => {
    const [ann, bob] = [desk.open(), desk.open()];
    const permit = { mode: 'permit', waitMs: 0 };
    expect(acquire('s', ann, permit)).toMatchObject({ code: 'limit-missing' });
    const held = acquire('s', ann, { ...permit, permits: 2, limit: 3 });
    expect(held).toMatchObject({ state: 'granted', mode: 'permit', permits: 2 });
    expect(acquire('s', bob, { ...permit, limit: 4 })).toMatchObject({
      code: 'limit-conflict',
      members: { lock: 's', limit: 3 },
    });
    expect(acquire('s', bob, { ...permit, permits: 4 })).toMatchObject({
      code: 'too-many-permits',
    });
    expect(acquire('s', bob, { ...permit, permits: 2 })).toMatchObject({ code: 'lock-held' });
    expect(desk.do('locks', { kind: 'set-limit', lock: 's', limit: 4 })).toEqual({
      outcome: 'limit-set',
    });
    expect(acquire('s', bob, { ...permit, permits: 2 })).toMatchObject({ state: 'granted' });
    expect(desk.ask('locks', { kind: 'lock', lock: 's' })).toMatchObject({
      semaphore: { limit: 4, used: 4, free: 0, pinned: true },
      holders: [{ permits: 2 }, { permits: 2 }],
    });
  });

  it('converts what is held, and writes its value by who shares it with nobody', () => {
    const [ann, bob] = [desk.open(), desk.open()];
    const mine = holding('door', ann, { mode: 'shared' });
    const write = { kind: 'set-value', ...mine, value: 'open' };
    expect(desk.do('locks', write)).toMatchObject({
      code: 'not-a-writer',
      members: { mode: 'shared' },
    });
    const theirs = holding('door', bob, { mode: 'shared' });
    const upgrade = { kind: 'convert', ...mine, mode: 'exclusive' };
    expect(desk.do('locks', upgrade)).toMatchObject({ state: 'queued', position: 1 });
    expect(desk.do('locks', { kind: 'convert', ...theirs, mode: 'exclusive' })).toMatchObject({
      code: 'upgrade-conflict',
      members: { holder: { session: ann } },
    });
    desk.do('locks', { kind: 'release', ...theirs });
    const lock = desk.ask('locks', { kind: 'lock', lock: 'door' }) as JsonObject;
    const [holder] = lock['holders'] as JsonObject[];
    expect(holder).toMatchObject({ session: ann, mode: 'exclusive' });
    const fence = holder?.['fence'];
    expect(desk.do('locks', { ...write, fence })).toEqual({ outcome: 'value-set' });
    desk.do('locks', { kind: 'release', ...mine, fence, valueBase64: '/w==' });
    expect(desk.ask('locks', { kind: 'lock', lock: 'door' })).toMatchObject({
      valueBase64: '/w==',
      valueFence: fence,
      holders: [],
    });
  });

  it('shows the circle that a wait would close, and who waits for whom', () => {
    const [ann, bob] = [desk.open(), desk.open()];
    acquire('a', ann);
    acquire('b', bob);
    acquire('b', ann);
    expect(acquire('a', bob)).toMatchObject({
      code: 'deadlock',
      members: {
        cycle: [
          { session: bob, lock: 'a', mode: 'exclusive' },
          { session: ann, lock: 'b', mode: 'exclusive' },
        ],
      },
    });
    expect(desk.ask('locks', { kind: 'graph' })).toMatchObject({
      waits: [{ waiter: { session: ann }, lock: 'b', waitsFor: [{ session: bob }] }],
    });
  });

  it('breaks only the fence that was seen: after the time it leaves, and on the record', () => {
    const ann = desk.open();
    const { lock, fence } = holding('door', ann);
    const broken = { kind: 'break', lock, fence, reason: 'host is gone' };
    expect(desk.do('locks', { ...broken, fence: '1' })).toMatchObject({
      code: 'stale-fence',
      members: { currentFence: fence },
    });
    const asked = desk.do('locks', { ...broken, graceMs: 2_000 });
    expect(asked).toEqual({ outcome: 'break-requested', leftMs: 2_000 });
    const breaking = { by: 'local', reason: 'host is gone', leftMs: 2_000 };
    expect(desk.ask('locks', { kind: 'lock', lock })).toMatchObject({ holders: [{ breaking }] });
    expect(desk.do('locks', broken)).toEqual({ outcome: 'broken' });
    expect(desk.do('locks', broken)).toMatchObject({ code: 'not-held' });
  });

  it('hands a lock to a request that waits for it', () => {
    const [ann, bob] = [desk.open(), desk.open()];
    const mine = holding('door', ann);
    const { request } = acquire('door', bob);
    const given = desk.do('locks', { kind: 'transfer', ...mine, to: request });
    expect(given).toMatchObject({ outcome: 'transferred' });
    const state = desk.ask('locks', { kind: 'request', request });
    expect(state).toMatchObject({ state: 'granted', fence: (given as JsonObject)['fence'] });
    const again = desk.do('locks', { kind: 'transfer', ...mine, to: request });
    expect(again).toMatchObject({ code: 'not-held' });
  });

  it('tells until when a grant out of the queue must be claimed', () => {
    const [ann, bob] = [desk.open(), desk.open()];
    const mine = holding('door', ann);
    const { request } = acquire('door', bob, { claimMs: 3_000 });
    desk.do('locks', { kind: 'release', ...mine });
    const ask = () => desk.ask('locks', { kind: 'request', request });
    expect(ask()).toMatchObject({ state: 'granted', claimLeftMs: 3_000 });
    expect(desk.do('locks', { kind: 'claim', request })).toEqual({ outcome: 'claimed' });
    expect(ask()).not.toHaveProperty('claimLeftMs');
  });

  it('keeps elections apart from locks, as leader and candidates', () => {
    const [ann, bob] = [desk.open(), desk.open()];
    const at = { election: 'cron' };
    const won = desk.do('locks', { kind: 'campaign', ...at, session: ann, value: 'a' });
    expect(won).toMatchObject({ state: 'granted' });
    const fence = (won as JsonObject)['fence'];
    const second = desk.do('locks', { kind: 'campaign', ...at, session: bob, value: 'b' });
    const leads = { kind: 'proclaim', ...at, session: ann, fence };
    expect(desk.do('locks', { ...leads, value: 'a2' })).toEqual({ outcome: 'amended' });
    expect(desk.ask('locks', { kind: 'election', ...at })).toMatchObject({
      election: 'cron',
      leader: { session: ann, value: 'a2', fence },
      candidates: [{ session: bob, value: 'b', position: 1 }],
    });
    const { request } = second as JsonObject;
    expect(desk.ask('locks', { kind: 'request', request })).toMatchObject({ election: 'cron' });
    const given = { kind: 'transfer', ...at, session: ann, fence, to: request };
    expect(desk.do('locks', given)).toMatchObject({ outcome: 'transferred' });
    expect(desk.do('locks', { ...leads, kind: 'resign' })).toEqual({ outcome: 'already-released' });
    const name = '@election:cron';
    expect(acquire(name, ann)).toMatchObject({ code: 'reserved-name' });
    expect(desk.ask('locks', { kind: 'lock', lock: name })).toMatchObject({ holderCount: 1 });
  });

  it('counts a latch down to 0, where it stays', () => {
    const latch = 'ready';
    expect(desk.do('locks', { kind: 'set-latch', latch, count: 3 })).toEqual({ latch, count: 3 });
    expect(desk.do('locks', { kind: 'count-down', latch })).toEqual({ latch, count: 2 });
    expect(desk.do('locks', { kind: 'count-down', latch, by: 9 })).toEqual({ latch, count: 0 });
    expect(desk.ask('locks', { kind: 'latch', latch })).toEqual({ latch, count: 0 });
    expect(desk.do('locks', { kind: 'remove-latch', latch })).toEqual({ outcome: 'latch-removed' });
    const gone = desk.do('locks', { kind: 'count-down', latch });
    expect(gone).toMatchObject({ code: 'unknown-latch' });
  });

  it('lets a party in when all have come, and out when all have left', () => {
    const [ann, bob] = [desk.open(), desk.open()];
    const barrier = 'start';
    const enter = { kind: 'enter', barrier, parties: 2 };
    const first = desk.do('locks', { ...enter, session: ann }) as JsonObject;
    expect(first).toMatchObject({ state: 'queued' });
    expect(desk.do('locks', { ...enter, session: bob, parties: 3 })).toMatchObject({
      code: 'parties-conflict',
      members: { parties: 2 },
    });
    expect(desk.do('locks', { kind: 'leave', barrier, session: bob })).toMatchObject({
      code: 'not-inside',
    });
    expect(desk.do('locks', { ...enter, session: bob })).toMatchObject({ state: 'granted' });
    expect(desk.ask('locks', { kind: 'request', request: first['request'] })).toMatchObject({
      state: 'granted',
      what: 'enter',
      barrier,
    });
    expect(desk.ask('locks', { kind: 'barrier', barrier })).toMatchObject({
      parties: 2,
      inside: 2,
      members: [{ session: ann, state: 'inside' }, { session: bob }],
    });
    desk.do('locks', { kind: 'leave', barrier, session: ann });
    const out = desk.do('locks', { kind: 'leave', barrier, session: bob });
    expect(out).toMatchObject({ state: 'left' });
  });

  it.each([
    [{ kind: 'acquire', lock: '', session: '1-0' }, 'lock'],
    [{ kind: 'acquire', lock: 'x'.repeat(513), session: '1-0' }, 'lock'],
    [{ kind: 'acquire', lock: 'door' }, 'session'],
    [{ kind: 'acquire', lock: 'door', session: '1-0', mode: 'odd' }, 'mode'],
    [{ kind: 'acquire', lock: 'door', session: '1-0', waitMs: -1 }, 'waitMs'],
    [{ kind: 'release', lock: 'door', session: '1-0', fence: '007' }, 'fence'],
    [{ kind: 'release', lock: 'door', session: '1-0', fence: 2 ** 53 }, 'fence'],
    [{ kind: 'acquire', lock: 'door', session: '1-0', priority: 101 }, 'priority'],
    [{ kind: 'acquire', lock: 'door', session: '1-0', victim: 'me' }, 'victim'],
    [{ kind: 'acquire', lock: 'door', session: '1-0', locks: [] }, 'lock'],
    [{ kind: 'acquire', session: '1-0', locks: {} }, 'locks'],
    [{ kind: 'acquire', session: '1-0', locks: [{ name: 'a' }, { name: 5 }] }, 'locks.1.name'],
    [{ kind: 'acquire', session: '1-0', locks: [{ name: 'a', mode: 'odd' }] }, 'locks.0.mode'],
    [{ kind: 'acquire', session: '1-0', locks: [{ lock: 'a' }] }, 'locks.0.lock'],
    [{ kind: 'acquire', session: '1-0', locks: [], mode: 'shared' }, 'mode'],
    [{ kind: 'convert', lock: 'door', session: '1-0', fence: '1' }, 'mode'],
    [{ kind: 'set-value', lock: 'door', session: '1-0', fence: '1' }, 'value'],
    [
      { kind: 'set-value', lock: 'd', session: '1-0', fence: '1', value: '', valueBase64: '' },
      'valueBase64',
    ],
    [{ kind: 'break', lock: 'door', fence: '1' }, 'reason'],
    [{ kind: 'transfer', lock: 'door', session: '1-0', fence: '1' }, 'to'],
    [{ kind: 'set-limit', lock: 'door', limit: 0 }, 'limit'],
    [{ kind: 'campaign', election: '', session: '1-0' }, 'election'],
    [{ kind: 'campaign', election: 'x'.repeat(512), session: '1-0' }, 'election'],
    [{ kind: 'campaign', election: 'e', session: '1-0', value: 'x'.repeat(1025) }, 'value'],
    [{ kind: 'transfer', election: 'e', lock: 'e', session: '1-0' }, 'election'],
    [{ kind: 'enter', barrier: 'b', session: '1-0', parties: 0 }, 'parties'],
    [{ kind: 'set-latch', latch: 'l' }, 'count'],
    [{ kind: 'constructor' }, 'kind'],
    [{ kind: 'cancel', request: 5 }, 'request'],
    [{ kind: 'cancel', request: 'r', lock: 'door' }, 'lock'],
  ])('refuses %j, naming %s', (op, field) => {
    expect(desk.do('locks', op as JsonObject)).toMatchObject(malformedIn(field));
  });

  it('names the item at fault when the same lock is asked for twice', () => {
    const locks = [{ name: 'a' }, { name: 'a' }];
    const refused = desk.do('locks', { kind: 'acquire', session: desk.open(), locks });
    expect(refused).toMatchObject({ code: 'invalid', members: { field: 'locks.1.name' } });
  });

  it('names the field of a query as the query does', () => {
    expect(desk.ask('locks', { kind: 'lock', lock: 7 })).toMatchObject(malformedIn('lock'));
    expect(desk.ask('locks', { kind: 'locks', limit: 0 })).toMatchObject(malformedIn('limit'));
    const check = desk.ask('locks', { kind: 'check', sequencers: ['a;exclusive;1', 'b'] });
    expect(check).toMatchObject(malformedIn('sequencers.1'));
  });
});
