import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventPosition } from '@lockstep/vr-core';
import { LAST_OF_OP } from './event-place';
import type { FeedLog } from './feed-log';
import { lockEventsOf } from './lock-events';
import { EventFeed } from './event-feed';
import { Problem } from './problem';
import { Desk } from './solo-desk';
import { textOf, type JsonObject } from './json';

const START: EventPosition = { opNumber: 0 as EventPosition['opNumber'], n: LAST_OF_OP };

describe('a stream of lock events', () => {
  let desk: Desk;
  let session: string;
  let looks: number;
  let isOver: boolean;

  beforeEach(() => {
    desk = new Desk();
    session = desk.open();
    looks = 0;
    isOver = false;
  });

  function open(): EventFeed {
    const { execution } = desk.solo;
    const log: FeedLog = {
      isWhole: true,
      executed: execution.executed,
      oldestEventOp: () => execution.oldestEventOp(),
      eventsSince: (place, limit) => {
        looks += 1;
        return execution.eventsSince(place, limit);
      },
    };
    return new EventFeed(log, lockEventsOf(''), START, () => {
      isOver = true;
    });
  }

  function happen(events: number): void {
    for (let pairs = events / 2; pairs > 0; pairs -= 1) {
      const held = { lock: 'door', session };
      const { fence } = desk.do('locks', { kind: 'acquire', ...held }) as JsonObject;
      desk.do('locks', { kind: 'release', ...held, fence: textOf(fence) });
    }
  }

  it('reads no more of the log than its reader takes, and gives up one who takes nothing', async () => {
    happen(1_500);
    const feed = open();
    feed.readable.read(0);
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    expect(feed.readable.readableLength).toBeGreaterThan(64 * 1024);
    expect(feed.readable.readableLength).toBeLessThan(256 * 1024);
    expect(looks).toBeLessThan(3);
    feed.beat();
    feed.beat();
    expect(isOver).toBe(false);
    feed.beat();
    expect(isOver).toBe(true);
    expect(String(feed.readable.read())).toMatch(/event: end\ndata: .*"code":"reader-too-slow"/);
    feed.readable.destroy();
  });

  it('tells one who waits that it lives, and how far it has looked', async () => {
    happen(2);
    const feed = open();
    let text = '';
    feed.readable.on('data', (chunk: Buffer) => (text += chunk.toString()));
    while (!text.includes('lock.released')) await nextTurn();
    const last = [...text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? '';
    await nextTurn();
    feed.beat();
    await nextTurn();
    expect(text.endsWith(`:\nid: ${last}\n\n`)).toBe(true);
    feed.end(new Problem('stopping'));
    feed.readable.destroy();
  });

  it('is over when its reader is gone', async () => {
    const feed = open();
    feed.readable.destroy();
    await nextTurn();
    expect(isOver).toBe(true);
  });
});
