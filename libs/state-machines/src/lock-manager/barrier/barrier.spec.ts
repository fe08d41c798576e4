import type { LockOutcome } from '../outcomes';
import { SoloLocks } from '../twin/solo-locks';

/** People at the barrier `gate`, each in a session of its own. */
class Gate {
  readonly locks = new SoloLocks();
  private readonly sessions = new Map<string, string>();

  enter(who: string, parties = 3, waitMs?: number): LockOutcome {
    const barrier = 'gate';
    const asked = { request: `in-${who}`, session: this.sessionOf(who), owner: '' };
    return this.locks.execute({ kind: 'enter', ...asked, barrier, parties, waitMs });
  }

  leave(who: string, waitMs?: number, request = `out-${who}`): LockOutcome {
    const asked = { request, session: this.sessionOf(who), owner: '', barrier: 'gate', waitMs };
    return this.locks.execute({ kind: 'leave', ...asked });
  }

  die(who: string): void {
    this.locks.solo.closeSession(this.sessionOf(who) as never);
  }

  /** Everybody by where they are. */
  get members(): Record<string, string> {
    const { members } = this.locks.ask({ kind: 'barrier', barrier: 'gate' });
    return Object.fromEntries(members.map(({ request, state }) => [request, state]));
  }

  stateOf(...requests: string[]): string[] {
    return requests.map((request) => this.locks.stateOf(request));
  }

  private sessionOf(who: string): string {
    const session = this.sessions.get(who) ?? this.locks.open();
    this.sessions.set(who, session);
    return session;
  }
}

describe('a barrier', () => {
  it('lets nobody in before all parties have come, and then all of them', () => {
    const gate = new Gate();
    expect(gate.enter('a')).toEqual({ kind: 'queued', request: 'in-a', position: 1 });
    expect(gate.enter('b')).toEqual({ kind: 'queued', request: 'in-b', position: 2 });
    expect(gate.enter('c')).toEqual({ kind: 'passed', request: 'in-c' });
    expect(gate.stateOf('in-a', 'in-b', 'in-c')).toEqual(['granted', 'granted', 'granted']);
    expect(gate.members).toEqual({ 'in-a': 'inside', 'in-b': 'inside', 'in-c': 'inside' });
  });

  it('lets nobody out before all want to leave, and then is gone', () => {
    const gate = new Gate();
    for (const who of 'abc') gate.enter(who);
    expect(gate.leave('a')).toMatchObject({ kind: 'queued' });
    expect(gate.leave('b')).toMatchObject({ kind: 'queued' });
    expect(gate.leave('c')).toEqual({ kind: 'passed', request: 'out-c' });
    expect(gate.stateOf('out-a', 'in-a')).toEqual(['left', 'left']);
    expect(gate.locks.ask({ kind: 'barrier', barrier: 'gate' })).toMatchObject({ parties: 0 });
  });

  it('keeps those who come late for the next round, in order of arrival', () => {
    const gate = new Gate();
    for (const who of 'ab') gate.enter(who, 2);
    for (const who of 'zyx') gate.enter(who, 2);
    gate.leave('a');
    expect(gate.stateOf('in-z')).toEqual(['queued']);
    gate.leave('b');
    expect(gate.stateOf('in-z', 'in-y', 'in-x')).toEqual(['granted', 'granted', 'queued']);
  });

  it('waits no longer for those whose session has ended, before it or inside', () => {
    const gate = new Gate();
    gate.enter('ghost');
    gate.die('ghost');
    for (const who of 'ab') gate.enter(who);
    expect(gate.stateOf('in-a')).toEqual(['queued']);
    gate.enter('c');
    gate.leave('a');
    gate.leave('b');
    gate.die('c');
    expect(gate.stateOf('out-a', 'out-b')).toEqual(['left', 'left']);
  });

  it('takes out who has waited long enough to enter', () => {
    const gate = new Gate();
    gate.enter('a', 2, 100);
    gate.locks.solo.advance(100);
    expect(gate.stateOf('in-a')).toEqual(['timed-out']);
    gate.enter('b', 2);
    expect(gate.stateOf('in-b')).toEqual(['queued']);
  });

  it('takes who has waited long enough to leave for inside, as before', () => {
    const gate = new Gate();
    for (const who of 'ab') gate.enter(who, 2);
    gate.leave('a', 100);
    gate.locks.solo.advance(100);
    expect(gate.stateOf('out-a')).toEqual(['timed-out']);
    expect(gate.members).toEqual({ 'out-a': 'inside', 'in-b': 'inside' });
    gate.leave('b');
    expect(gate.stateOf('out-b')).toEqual(['queued']);
    expect(gate.leave('a', undefined, 'again')).toEqual({ kind: 'passed', request: 'again' });
  });

  it('forgets a wait that is cancelled', () => {
    const gate = new Gate();
    gate.enter('a', 2);
    expect(gate.locks.cancel('in-a')).toEqual({ kind: 'cancelled' });
    expect(gate.enter('b', 2)).toMatchObject({ kind: 'queued', position: 1 });
  });

  it('answers a request that it knows with what has become of it', () => {
    const gate = new Gate();
    gate.enter('a', 2);
    expect(gate.enter('a', 2)).toMatchObject({ kind: 'queued' });
    gate.enter('b', 2);
    expect(gate.enter('a', 2)).toEqual({ kind: 'passed', request: 'in-a' });
    for (const who of 'ab') gate.leave(who);
    expect(gate.leave('a')).toEqual({ kind: 'passed', request: 'out-a' });
    expect(gate.enter('a', 2)).toEqual({ kind: 'finished', request: 'in-a', state: 'left' });
  });

  it('refuses other numbers of parties, a second place, and leaving from outside', () => {
    const gate = new Gate();
    gate.enter('a', 3);
    expect(gate.enter('b', 2)).toEqual({ kind: 'parties-conflict', parties: 3 });
    const session = gate.locks.ask({ kind: 'barrier', barrier: 'gate' }).members[0]?.session ?? '';
    const twice = { request: 'twice', session, owner: '', barrier: 'gate', waitMs: undefined };
    expect(gate.locks.execute({ kind: 'enter', ...twice, parties: 3 })).toEqual({
      kind: 'already-queued',
      lock: 'gate',
      request: 'in-a',
    });
    expect(gate.leave('a')).toEqual({ kind: 'not-inside' });
    expect(gate.leave('stranger')).toEqual({ kind: 'not-inside' });
  });

  it('refuses who does not want to wait, unless everybody else is there', () => {
    const gate = new Gate();
    expect(gate.enter('a', 2, 0)).toEqual({ kind: 'lock-waited', lock: 'gate', queueLength: 0 });
    gate.enter('a', 2);
    expect(gate.enter('b', 2, 0)).toEqual({ kind: 'passed', request: 'in-b' });
    expect(gate.leave('a', 0)).toMatchObject({ kind: 'lock-waited' });
    gate.leave('a');
    expect(gate.leave('b', 0)).toEqual({ kind: 'passed', request: 'out-b' });
  });

  it('leaves nothing behind when its sessions have ended', () => {
    const gate = new Gate();
    const before = gate.locks.solo.digest('locks');
    for (const who of 'abcd') gate.enter(who, 3);
    gate.leave('a');
    for (const who of 'abcd') gate.die(who);
    expect(gate.locks.solo.digest('locks')).toBe(before);
    expect([...gate.locks.solo.execution.internalErrors]).toEqual([]);
  });

  it('tells everybody who has entered, passed, or gone', () => {
    const gate = new Gate();
    for (const who of 'ab') gate.enter(who, 2);
    gate.leave('a');
    gate.die('b');
    const told = gate.locks.events.map((event) => [
      event.kind,
      'request' in event && event.request,
    ]);
    expect(told).toEqual([
      ['barrier.entered', 'in-a'],
      ['barrier.entered', 'in-b'],
      ['barrier.passed', 'in-a'],
      ['barrier.passed', 'in-b'],
      ['barrier.gone', 'in-b'],
      ['barrier.passed', 'out-a'],
    ]);
  });
});
