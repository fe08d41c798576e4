import {
  bool,
  createSolo,
  decode,
  done,
  encode,
  nameKey,
  type Plugin,
  type RequestNumber,
} from '@lockstep/vr-core';
import { encodeLockOperation } from './operations';
import { decodeLockOutcome } from './outcomes';
import { isCurrentShape, lockManager } from './plugin';
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
