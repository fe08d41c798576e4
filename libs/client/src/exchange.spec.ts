import { NoPrimaryError, OutcomeUnknownError } from './errors';
import type { Mutation } from './protocol';
import {
  clientOf,
  FakeGroup,
  itemsOf,
  mutationsOf,
  pass,
  turns,
  useHandClock,
} from '../../../test/server/client-fake-group';

useHandClock();

describe('one frame a turn (performance.md, choice 1)', () => {
  it('sends all that is asked in a turn in one message, and the next turn in another', async () => {
    const group = new FakeGroup();
    const client = clientOf(group);
    await client.counters.add('warm');
    await Promise.all([1, 2, 3].map((by) => client.counters.add('c', by)));
    await client.counters.add('c');
    expect(group.replicas[0]!.messages.map((items) => items.length)).toEqual([1, 3, 1]);
  });

  it('splits what is more than the server takes at once', async () => {
    const group = new FakeGroup();
    const client = clientOf(group);
    await Promise.all(Array.from({ length: 5000 }, () => client.counters.add('c')));
    expect(group.replicas[0]!.messages.map((items) => items.length)).toEqual([4096, 904]);
  });
});

describe('names of requests (decision 1)', () => {
  it('counts in a session, and acknowledges what it has seen', async () => {
    const group = new FakeGroup();
    const session = await clientOf(group).openSession();
    await session.counters.add('c');
    await session.counters.add('c');
    const [, first, second] = mutationsOf(group.primary);
    expect(first).toMatchObject({ session: '1-0', requestNumber: 1, ackedBelow: 1 });
    expect(second).toMatchObject({ session: '1-0', requestNumber: 2, ackedBelow: 2 });
  });

  it('gives every request without a session a key of its own', async () => {
    const group = new FakeGroup();
    const client = clientOf(group);
    await Promise.all([client.counters.add('c'), client.counters.add('c')]);
    const keys = mutationsOf(group.primary).map(({ key }) => key);
    expect(new Set(keys).size).toBe(2);
    expect(keys).not.toContain(undefined);
  });

  it('has no more than W requests of a session under way', async () => {
    const group = new FakeGroup();
    const session = await clientOf(group).openSession();
    const all = Promise.all(Array.from({ length: 1500 }, () => session.counters.add('c')));
    await all;
    const spans = group.primary.messages.slice(1).map((items) => {
      const named = items.filter((item): item is Mutation & { id: number } => 'op' in item);
      const lowest = Math.min(...named.map((item) => item.ackedBelow!));
      return Math.max(...named.map((item) => item.requestNumber!)) - lowest;
    });
    expect(Math.max(...spans)).toBeLessThan(1024);
    expect(group.executed.size).toBe(1501);
  });
});

describe('failover', () => {
  it('asks the next replica under the same name when the socket closes, and it happens once', async () => {
    const group = new FakeGroup();
    const session = await clientOf(group).openSession();
    group.primary.mood = 'swallow';
    const adding = session.counters.add('c');
    await turns();
    expect(group.executed.has('1-0#1')).toBe(true);
    group.primary.die();
    group.changeView();
    expect(await adding).toBe(1);
    expect(itemsOf(group.replicas[1]!)).toContainEqual(
      expect.objectContaining({ session: '1-0', requestNumber: 1 }),
    );
    expect(group.executed.size).toBe(2);
  });

  it('moves to the primary when it learns who is, and loses no answer on the way', async () => {
    const group = new FakeGroup();
    const client = clientOf(group);
    await client.counters.add('c');
    const adding = client.counters.add('c');
    await turns(1);
    group.view = 1;
    group.changeView();
    expect(await adding).toBe(1);
    await turns();
    expect(client.endpoint).toBe('http://c:1');
    await client.counters.add('c');
    expect(itemsOf(group.replicas[0]!)).toHaveLength(2);
    expect(itemsOf(group.replicas[2]!)).toHaveLength(1);
    expect(group.replicas[0]!.connections).toBe(0);
  });

  it('leaves a replica that has no primary', async () => {
    const group = new FakeGroup();
    const client = clientOf(group);
    await client.counters.add('c');
    group.primary.mood = 'no-primary';
    group.view = 1;
    const adding = client.counters.add('c');
    await pass(100);
    expect(await adding).toBe(1);
    expect(client.endpoint).toBe('http://b:1');
  });

  it('goes where a replica says that the group is now, though all it knew have been replaced', async () => {
    const group = new FakeGroup();
    const client = clientOf(group);
    await client.counters.add('c');
    const members = group.replaceAll();
    const adding = client.counters.add('c');
    await pass(200);
    expect(await adding).toBe(1);
    expect(members.map(({ url }) => url)).toContain(client.endpoint);
    for (const replica of group.replicas) replica.die();
    members[0]!.die();
    group.view = 1;
    const after = client.counters.add('c');
    await pass(500);
    expect(await after).toBe(2);
  });

  it('finds a group by the addresses of one that has been replaced', async () => {
    const group = new FakeGroup();
    const members = group.replaceAll();
    const client = clientOf(group);
    const adding = client.counters.add('c');
    await pass(200);
    expect(await adding).toBe(0);
    expect(members.map(({ url }) => url)).toContain(client.endpoint);
  });

  it('learns of new members before the old ones are gone', async () => {
    const group = new FakeGroup();
    const client = clientOf(group);
    await client.counters.add('c');
    const members = group.replaceAll();
    group.replicas[0]!.tellView();
    for (const replica of group.replicas) replica.die();
    const adding = client.counters.add('c');
    await pass(500);
    expect(await adding).toBe(1);
    expect(client.endpoint).toBe(members[0]!.url);
  });

  it('stays where it is when the replica is only busy, and asks again', async () => {
    const group = new FakeGroup();
    const client = clientOf(group);
    await client.counters.add('c');
    group.primary.mood = 'busy';
    const adding = client.counters.add('c');
    await pass(50);
    group.primary.mood = 'well';
    await pass(200);
    expect(await adding).toBe(1);
    expect(client.endpoint).toBe('http://a:1');
  });

  it('leaves a replica that owes an answer and is silent', async () => {
    const group = new FakeGroup();
    const client = clientOf(group);
    await client.counters.add('c');
    group.primary.mood = 'hang';
    const adding = client.counters.add('c');
    await pass(900);
    expect(client.endpoint).toBe('http://a:1');
    group.view = 1;
    await pass(200);
    expect(await adding).toBe(1);
  });

  it('does not take a long poll for silence', async () => {
    const group = new FakeGroup();
    const session = await clientOf(group).openSession();
    const dialled = (): number => group.replicas.reduce((sum, { dialled: n }) => sum + n, 0);
    const before = dialled();
    group.primary.mood = 'hang';
    const poll = session.locks.requestState('1-0#9', { waitMs: 4000, timeoutMs: 4000 });
    poll.catch(() => undefined);
    await pass(3000);
    expect(dialled()).toBe(before);
    group.primary.mood = 'well';
    await pass(1500);
    await expect(poll).rejects.toThrow(NoPrimaryError);
  });

  it('finds a group that was away for a while', async () => {
    const group = new FakeGroup();
    const client = clientOf(group);
    await client.counters.add('c');
    for (const replica of group.replicas) replica.die();
    const adding = client.counters.add('c');
    await pass(2000);
    for (const replica of group.replicas) replica.alive = true;
    await pass(1000);
    expect(await adding).toBe(1);
  });
});

describe('deadlines', () => {
  it('says that the outcome is not known when the request was sent, and asks again under its name', async () => {
    const group = new FakeGroup();
    const session = await clientOf(group, 1000).openSession();
    for (const replica of group.replicas) replica.mood = 'swallow';
    const adding = session.counters.add('c');
    const seen = adding.catch((error: unknown) => error);
    await pass(1100);
    const error = (await seen) as OutcomeUnknownError;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error.request).toBe('1-0#1');
    for (const replica of group.replicas) replica.mood = 'well';
    const again = error.retry();
    await pass(100);
    expect(await again).toMatchObject({ replayed: true, result: { value: 1 } });
    await session.counters.add('c');
    expect(itemsOf(group.primary).at(-1)).toMatchObject({ requestNumber: 2, ackedBelow: 2 });
  });

  it('does not say that nothing happened when only asking again has reached nobody', async () => {
    const group = new FakeGroup();
    const session = await clientOf(group, 1000).openSession();
    for (const replica of group.replicas) replica.mood = 'swallow';
    const seen = session.counters.add('c').catch((error: unknown) => error);
    await pass(1100);
    const { retry } = (await seen) as OutcomeUnknownError;
    for (const replica of group.replicas) replica.die();
    const again = retry().catch((error: unknown) => error);
    await pass(1100);
    const error = (await again) as OutcomeUnknownError;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error.request).toBe('1-0#1');
  });

  it('says that nothing happened when no replica can have taken it', async () => {
    const group = new FakeGroup();
    for (const replica of group.replicas) replica.alive = false;
    const adding = clientOf(group, 1000).counters.add('c');
    const seen = adding.catch((error: unknown) => error);
    await pass(1100);
    expect(await seen).toBeInstanceOf(NoPrimaryError);
  });

  it('ends a call when its signal aborts, with the reason of the signal', async () => {
    const group = new FakeGroup();
    const client = clientOf(group);
    for (const replica of group.replicas) replica.mood = 'hang';
    const abort = new AbortController();
    const adding = client.counters.add('c', 1, { signal: abort.signal });
    await turns();
    abort.abort(new Error('enough'));
    await expect(adding).rejects.toThrow('enough');
  });
});
