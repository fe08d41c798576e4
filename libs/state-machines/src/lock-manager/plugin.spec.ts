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
import { encodeLockOperation, type Acquire, type LockOperation } from './operations';
import { decodeLockOutcome } from './outcomes';
import { isCurrentShape, lockManager } from './plugin';
import { encodeLockQuery } from './queries';
import { SoloLocks } from './solo-locks';

describe('the lock manager as a plug-in', () => {
  it('knows a request by the name under which it travels', () => {
    const solo = createSolo([lockManager()]);
    const session = solo.openSession();
    const requestNumber = 7 as RequestNumber;
    const name = { kind: 'numbered', session, requestNumber } as const;
    const request = nameKey({ name, principal: 'local' });
    const asked = { session, lock: 'door', owner: '', mode: 'shared', waitMs: 0 } as const;
    const bytes = encodeLockOperation({ kind: 'acquire', request, note: undefined, ...asked });
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
    const outcome = locks.acquire(ann, 'door');
    const fence = outcome.kind === 'granted' ? outcome.fence : 0n;
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

describe('the contract of a plug-in', () => {
  it('is kept through queues, time-outs, delays and ends of sessions', () => {
    let named = 0;
    const acquire = (session: number, lock: string, terms: Partial<Acquire> = {}) => {
      named += 1;
      const asked = { request: `r${named}`, session: `${session}-0`, lock, owner: '' };
      const how = {
        mode: 'exclusive',
        waitMs: undefined,
        note: `note ${named}`,
        ...terms,
      } as const;
      return operation({ kind: 'acquire', ...asked, ...how });
    };
    const operation = (each: LockOperation): ContractStep => ({
      kind: 'operation',
      operation: encodeLockOperation(each),
    });
    const fence = 2n ** 44n + 1n;
    const ann = { session: '1-0', lock: 'door', owner: '' };
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
