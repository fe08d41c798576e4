import {
  bool,
  checkPlugin,
  createSolo,
  decode,
  done,
  encode,
  nameKey,
  type ContractStep,
  type Plugin,
  type RequestNumber,
} from '@lockstep/vr-core';
import { encodeLockOperation, type LockOperation } from './operations';
import { decodeLockOutcome } from './outcomes';
import { isCurrentShape, lockManager } from './plugin';
import { encodeLockQuery } from './queries';
import { fenceIn, SoloLocks, type AcquireTerms } from './twin/solo-locks';

describe('the lock manager as a plug-in', () => {
  it('knows a request by the name under which it travels', () => {
    const solo = createSolo([lockManager()]);
    const session = solo.openSession();
    const requestNumber = 7 as RequestNumber;
    const name = { kind: 'numbered', session, requestNumber } as const;
    const request = nameKey({ name, principal: 'local' });
    const items = [{ lock: 'door', mode: 'shared', permits: 1, limit: undefined }] as const;
    const bytes = encodeLockOperation({ ...PLAIN, request, session, items, waitMs: 0 });
    const answer = solo.submit('locks', bytes, { session, requestNumber });
    expect(request).toBe(`${session}#7`);
    expect(answer.kind === 'outcome' && decodeLockOutcome(answer.bytes)).toMatchObject({
      kind: 'granted',
      request,
    });
  });

  it('tells other plug-ins, inside apply, whether a grant still stands', () => {
    const asks: Plugin = {
      name: 'guarded',
      formatVersion: 1,
      uses: ['locks.isCurrent'],
      create: () => ({
        validate: () => undefined,
        apply: (question, context) => done(context.port('locks.isCurrent')(question)),
        read: () => done(new Uint8Array(0)),
      }),
    };
    const locks = new SoloLocks([lockManager(), asks]);
    const stands = (lock: string, fence: bigint) => {
      const answer = locks.solo.submit('guarded', encode(isCurrentShape, { lock, fence }));
      return answer.kind === 'outcome' && decode(bool, answer.bytes);
    };
    const ann = locks.open(2_000);
    const fence = fenceIn(locks.acquire(ann, 'door'));
    expect([stands('door', fence), stands('door', fence - 1n), stands('gate', fence)]).toEqual([
      true,
      false,
      false,
    ]);
    locks.solo.advance(2_000);
    expect(stands('door', fence)).toBe(false);
  });

  it('refuses bytes that are no operation or no query of it', () => {
    const { solo } = new SoloLocks();
    const malformed = expect.objectContaining({ name: 'Malformed' }) as Error;
    for (const bytes of [[], [9], [0], [2, 1, 97, 0]]) {
      expect(() => solo.submit('locks', Uint8Array.from(bytes))).toThrow(malformed);
      expect(() => solo.read('locks', Uint8Array.from([...bytes, 0, 0, 0]))).toThrow(malformed);
    }
  });
});

/** An acquire of which nothing is said. */
const PLAIN = {
  kind: 'acquire',
  owner: '',
  waitMs: undefined,
  note: undefined,
  priority: 0,
  maxHoldMs: undefined,
  minHoldMs: undefined,
  claimMs: undefined,
  victim: 'requester',
} as const;

describe('the contract of a plug-in', () => {
  it('is kept through queues, time-outs, delays and ends of sessions', () => {
    let named = 0;
    const acquire = (session: number, lock: string, terms: AcquireTerms = {}) => {
      named += 1;
      const { mode = 'exclusive', permits = 1, limit, ...rest } = terms;
      const items = [{ lock, mode, permits, limit }];
      const asked = { request: `r${named}`, session: `${session}-0`, items };
      return operation({ ...PLAIN, ...asked, note: `note ${named}`, ...rest });
    };
    const operation = (each: LockOperation): ContractStep => ({
      kind: 'operation',
      operation: encodeLockOperation(each),
    });
    const at = (session: number, request: string) => {
      const of = { session: `${session}-0`, owner: '', request };
      return { ...of, barrier: 'b', waitMs: undefined };
    };
    const fence = 2n ** 44n + 1n;
    const ann = { session: '1-0', lock: 'door', owner: '', value: undefined };
    const steps: ContractStep[] = [
      acquire(1, 'door'),
      acquire(1, 'door'),
      acquire(2, 'door', { waitMs: 0 }),
      acquire(2, 'door', { mode: 'shared' }),
      acquire(3, 'door', { mode: 'shared', waitMs: 5_000 }),
      acquire(3, 'door', { waitMs: 1_000, owner: 'other' }),
      acquire(2, 'gate'),
      acquire(3, 'gate'),
      acquire(1, 'events'),
      acquire(1, 'a/b', { maxHoldMs: 700, minHoldMs: 900 }),
      acquire(2, 'a', { mode: 'shared', priority: 3, claimMs: 200 }),
      acquire(1, 's', { mode: 'permit', permits: 2, limit: 3 }),
      acquire(2, 's', { mode: 'permit', permits: 2, limit: 3, victim: 'youngest' }),
      acquire(3, 'v', { owner: 'x' }),
      acquire(3, 'v', { owner: 'x' }),
      operation({ kind: 'set-limit', lock: 's', limit: 2 }),
      operation({ kind: 'set-latch', latch: 'l', count: 2 }),
      operation({ kind: 'count-down', latch: 'l', by: 1 }),
      operation({ kind: 'remove-latch', latch: 'm' }),
      operation({ kind: 'enter', ...at(1, 'e1'), parties: 2 }),
      operation({ kind: 'enter', ...at(2, 'e2'), parties: 2 }),
      operation({ kind: 'leave', ...at(1, 'e3') }),
      acquire(9, 'door'),
      operation({ kind: 'cancel', request: 'nobody' }),
      operation({ kind: 'release', ...ann, fence: fence + 1n }),
      operation({ kind: 'release', ...ann, fence }),
      operation({ kind: 'release', ...ann, fence }),
      { kind: 'advance', ms: 1_000 },
      { kind: 'keepalive', session: 0 },
      acquire(1, 'gate', { mode: 'shared' }),
      { kind: 'close-session', session: 1 },
      { kind: 'new-view' },
      operation({ kind: 'cancel', request: 'r8' }),
      operation({ kind: 'cancel', request: 'e1' }),
      { kind: 'advance', ms: 9_500 },
      acquire(1, 'door', { waitMs: 0 }),
      { kind: 'advance', ms: 30_000 },
    ];
    const queries = [
      encodeLockQuery({ kind: 'lock', name: 'door' }),
      encodeLockQuery({ kind: 'locks', prefix: '', state: 'any', after: undefined, limit: 10 }),
      encodeLockQuery({ kind: 'request', request: 'r5' }),
      encodeLockQuery({ kind: 'session', session: '3-0' }),
    ];
    expect(() =>
      checkPlugin({ plugin: lockManager(), steps, queries, sessionCount: 3 }),
    ).not.toThrow();
  });
});
