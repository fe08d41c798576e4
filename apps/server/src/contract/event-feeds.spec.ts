import type { Readable } from 'node:stream';
import { sha256 } from '../replica-host/hash';
import {
  startMemoryGroup,
  stopMemoryGroup,
  type MemoryReplica,
} from '../replica-host/memory-group';
import { Calls, type Reply } from './calls';
import { CONTRACTS } from './contracts';
import { Door } from './door';
import { readPlace } from './event-place';
import { KNOWN_KEY } from './fixed-moment';
import { textOf, type JsonObject } from './json';
import { lockEventsOf } from './lock-events';
import { EventFeeds } from './event-feeds';
import { Problem } from './problem';
import { problemOf } from './problem-of';
import { LOCAL } from '../access/principal';
import { AuditLog } from '../audit/audit-log';
import { AuditTrail } from './audit-trail';
import { LimitSettings } from '../config/settings/limit-settings';
import { intakeOf } from './intake';

const PRIMARY = 0;
const BACKUP = 1;

/** What a reader of a stream has been sent so far. */
class Reading {
  text = '';
  readonly over: Promise<void>;
  private watchers: (() => void)[] = [];

  constructor(stream: Readable) {
    stream.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
      for (const watcher of this.watchers.splice(0)) watcher();
    });
    this.over = new Promise((resolve) => stream.once('end', resolve));
  }

  get events(): JsonObject[] {
    return [...this.text.matchAll(/^id: (.+)\ndata: (.+)$/gm)].map(([, id, data]) => ({
      ...(JSON.parse(String(data)) as JsonObject),
      id,
    }));
  }

  async until(count: number): Promise<JsonObject[]> {
    while (this.events.length < count)
      await new Promise<void>((resolve) => this.watchers.push(resolve));
    return this.events;
  }
}

describe('the stream of lock events', () => {
  let group: MemoryReplica[];
  let opened: EventFeeds[];
  let ann: string;
  let bob: string;

  beforeEach(async () => {
    group = await startMemoryGroup(3);
    opened = [];
    ann = await open();
    bob = await open();
  });
  afterEach(() => {
    for (const feeds of opened) feeds.endAll(new Problem('stopping'));
    stopMemoryGroup(group);
  });

  const member = (at: number): MemoryReplica => group[at] as MemoryReplica;

  function feedsOf(at: number, door = new Door()): EventFeeds {
    const { replica, hub } = member(at);
    const feeds = new EventFeeds({ log: replica.execution, hub, door });
    opened.push(feeds);
    return feeds;
  }

  function mutate(service: string, op: JsonObject): Promise<Reply> {
    const { gateway, host } = member(PRIMARY);
    const calls = new Calls({
      contracts: CONTRACTS,
      intake: intakeOf(new LimitSettings()),
      audit: new AuditTrail(new AuditLog('nothing is written')),
      gateway,
      door: new Door(),
      hash: sha256,
      view: host.view,
      ownerOf: () => undefined,
      generation: 1,
      sequencers: KNOWN_KEY,
      onFault: (fault) => {
        throw fault;
      },
    });
    return new Promise((resolve, reject) => {
      calls.mutate({ service, op, principal: LOCAL, timeoutMs: 10_000 }, (reply) => {
        if (reply instanceof Problem) reject(reply);
        else resolve(reply);
      });
    });
  }

  async function open(): Promise<string> {
    return textOf((await mutate('sessions', { kind: 'open', ttlMs: 60_000 })).body['id']);
  }

  const acquire = (lock: string, session: string) =>
    mutate('locks', { kind: 'acquire', lock, session });
  const release = (lock: string, session: string, { body }: Reply) =>
    mutate('locks', { kind: 'release', lock, session, fence: body['fence'] });

  it('tells what happens from now on under names that begin as asked', async () => {
    await acquire('orders/1', ann);
    const reading = new Reading(feedsOf(PRIMARY).open(lockEventsOf('orders/'), undefined));
    await acquire('stock/1', ann);
    const held = await acquire('orders/2', ann);
    await release('orders/2', ann, held);
    expect(await reading.until(2)).toMatchObject([
      { kind: 'lock.granted', lock: 'orders/2', session: ann, fence: held.body['fence'] },
      { kind: 'lock.released', lock: 'orders/2', cause: 'released' },
    ]);
  });

  it('goes on at another replica after the last that was seen, without a gap', async () => {
    const held = await acquire('door', ann);
    const first = new Reading(feedsOf(BACKUP).open(lockEventsOf(''), readPlace('0', 'from')));
    const [granted] = await first.until(1);
    await acquire('door', bob);
    await release('door', ann, held);
    const place = readPlace(textOf(granted?.['id']), 'from');
    const second = new Reading(feedsOf(PRIMARY).open(lockEventsOf(''), place));
    expect(await second.until(3)).toMatchObject([
      { kind: 'lock.queued', session: bob },
      { kind: 'lock.released', session: ann },
      { kind: 'lock.granted', session: bob },
    ]);
  });

  it('looks through as much as there is, some of it in every turn', async () => {
    const names = Array.from({ length: 64 }, (_, at) => ({ name: `many/${at}` }));
    for (let round = 0; round < 10; round += 1) {
      const op = { kind: 'acquire', session: ann, owner: `${round}`, locks: names };
      const { body } = await mutate('locks', op);
      await mutate('locks', { kind: 'cancel', request: body['request'] });
    }
    await acquire('last', ann);
    const everything = new Reading(feedsOf(BACKUP).open(lockEventsOf(''), readPlace('0', 'from')));
    expect(await everything.until(1281)).toHaveLength(1281);
    const one = new Reading(feedsOf(BACKUP).open(lockEventsOf('last'), readPlace('0', 'from')));
    expect(await one.until(1)).toMatchObject([{ kind: 'lock.granted', lock: 'last' }]);
  });

  it('waits for a place that the replica has not reached', async () => {
    const { opNumber = 0 } = await acquire('door', ann);
    const ahead = new Reading(
      feedsOf(BACKUP).open(lockEventsOf(''), readPlace(`${opNumber + 1}`, 'from')),
    );
    await acquire('a', ann);
    await acquire('b', ann);
    expect(await ahead.until(1)).toMatchObject([{ lock: 'b' }]);
  });

  it('is refused at a door that is closed, and ends when one closes', async () => {
    const door = new Door();
    const feeds = feedsOf(BACKUP, door);
    const reading = new Reading(feeds.open(lockEventsOf(''), undefined));
    feeds.endAll(new Problem('moved'));
    await reading.over;
    expect(reading.text).toContain('event: end\ndata: {"type":"urn:lockstep:problem:moved"');
    door.refusal = new Problem('moved');
    expect(problemOf(() => feeds.open(lockEventsOf(''), undefined))).toMatchObject({
      code: 'moved',
    });
  });

  it('is refused when something after the place is no longer kept, saying where things stand', () => {
    const { replica, hub } = member(BACKUP);
    const { execution } = replica;
    const log = {
      executed: execution.executed,
      isWhole: true,
      eventsSince: () => [],
      oldestEventOp: () => 40 as typeof execution.executed,
    };
    const feeds = new EventFeeds({ log, hub, door: new Door() });
    const openedAt = (from: string) =>
      problemOf(() => feeds.open(lockEventsOf(''), readPlace(from, 'from')));
    expect(openedAt('38')).toMatchObject({
      code: 'events-trimmed',
      members: { op: `${execution.executed}`, oldest: '40' },
    });
    expect(openedAt('39-7')).toMatchObject({ code: 'events-trimmed' });
    expect(openedAt('39')).toBeUndefined();
    expect(openedAt('40-0')).toBeUndefined();
    feeds.endAll(new Problem('stopping'));
  });

  it('refuses more readers than it can serve', () => {
    const feeds = feedsOf(BACKUP);
    const streams = Array.from({ length: 200 }, () => feeds.open(lockEventsOf(''), undefined));
    expect(problemOf(() => feeds.open(lockEventsOf(''), undefined))).toMatchObject({
      code: 'busy',
    });
    streams[0]?.destroy();
    for (const stream of streams) stream.destroy();
  });
});

describe('a place in the stream of events', () => {
  it.each(['', 'x', '1-', '-1', '1-2-3', '01', '9007199254740993', '1-4294967296'])(
    'is not %j',
    (text) => {
      expect(problemOf(() => readPlace(text, 'from'))).toMatchObject({
        code: 'malformed',
        members: { field: 'from' },
      });
    },
  );
});
