import { Hold, type BreakRequest } from './hold';
import { Holds } from './holds';
import type { Reply } from './exchange';
import type { Operation } from './protocol';
import type { Requester } from './requester';

class Group implements Requester {
  readonly asked: Operation[] = [];
  held = new Set<string>();
  onRead: () => void = () => undefined;

  mutate(): Promise<Reply> {
    throw new Error('nothing here is changed');
  }

  read(_: string, query: Operation): Promise<Reply> {
    this.asked.push(query);
    const sequencers = query['sequencers'] as string[];
    const results = sequencers.map((text) => ({ valid: this.held.has(text) }));
    this.onRead();
    return Promise.resolve({ result: { results }, op: '9', replayed: false });
  }
}

const SESSION = { signal: new AbortController().signal, remainingMs: () => 1000 };

function holdOf(lock: string, fence: string, onBreak?: (request: BreakRequest) => void): Hold {
  const sequencer = `${lock};exclusive;${fence}`;
  const grant = { lock, mode: 'exclusive', fence, sequencer };
  return new Hold({ request: `${lock}#1`, op: undefined }, grant, SESSION, onBreak);
}

const lost = (fence: string, cause: string) => ({
  event: '7-0',
  kind: 'lock.lost',
  session: '1-0',
  fence,
  cause,
});

describe('what a session holds', () => {
  let group: Group;
  let holds: Holds;
  beforeEach(() => {
    group = new Group();
    holds = new Holds(group);
  });

  it('is lost by the push that names its fence, and says why', () => {
    const [door, gate] = [holdOf('door', '5'), holdOf('gate', '6')];
    holds.add(door);
    holds.add(gate);
    const { signal } = door;
    holds.onEvent(lost('5', 'max-hold'));
    expect(signal.reason).toMatchObject({ code: 'lock-lost', cause: 'max-hold', fence: 5n });
    expect(() => door.assertHeld()).toThrow('max-hold');
    expect(door.remainingMs()).toBe(0);
    gate.assertHeld();
    expect(gate.signal.aborted).toBe(false);
  });

  it('is lost also when the loss comes before the grant is read, and when the signal is asked for later', () => {
    holds.onEvent(lost('5', 'unclaimed'));
    const door = holdOf('door', '5');
    holds.add(door);
    expect(door.signal.reason).toMatchObject({ cause: 'unclaimed' });
  });

  it('is lost when the group no longer knows it after a time without pushes', async () => {
    const [door, gate] = [holdOf('door', '5'), holdOf('gate', '6')];
    holds.add(door);
    holds.add(gate);
    group.held = new Set(['gate;exclusive;6']);
    await holds.reconnected();
    expect(door.signal.reason).toMatchObject({ cause: 'not-held' });
    expect(gate.signal.aborted).toBe(false);
  });

  it('is not lost by an old answer, when it was given back or has another fence meanwhile', async () => {
    const [door, gate] = [holdOf('door', '5'), holdOf('gate', '6')];
    holds.add(door);
    holds.add(gate);
    group.onRead = () => {
      holds.remove(door);
    };
    const grant = { lock: 'gate', mode: 'shared', fence: '8', sequencer: 'gate;shared;8' };
    await holds.changing(gate, async () => {
      await holds.reconnected();
      gate.regrant(grant);
    });
    expect(door.signal.aborted).toBe(false);
    expect(gate.signal.aborted).toBe(false);
    holds.onEvent(lost('8', 'broken'));
    expect(gate.signal.reason).toMatchObject({ cause: 'broken', fence: 8n });
  });

  it('is asked for by whoever wants it back', () => {
    const requests: BreakRequest[] = [];
    holds.add(holdOf('door', '5', (request) => requests.push(request)));
    const request = { by: 'ann', reason: 'stuck', leftMs: 500 };
    const event = { event: '7-0', session: '1-0', fence: '5', ...request };
    holds.onEvent({ ...event, kind: 'lock.break-requested' });
    expect(requests).toMatchObject([request]);
  });
});
