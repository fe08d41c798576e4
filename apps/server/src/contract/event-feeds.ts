import type { Readable } from 'node:stream';
import type { EventPosition, ExecutedEvent } from '@lockstep/vr-core';
import type { EventHub } from '../replica-host/event-hub';
import type { Doorkeeper } from './door';
import { LAST_OF_OP } from './event-place';
import { trimmedAfter, type FeedLog } from './feed-log';
import { EventFeed, type EndReading, type ShowEvent } from './event-feed';
import { Problem } from './problem';

/** Streams at one replica: each decodes every event for itself. */
const FEEDS_MAX = 200;
const HEARTBEAT_MS = 15_000;

interface FeedsParts {
  readonly log: FeedLog;
  readonly hub: EventHub;
  readonly door: Doorkeeper;
  readonly heartbeatMs?: number;
}

/** The streams of events that are open at this replica. */
export class EventFeeds {
  private readonly parts: FeedsParts;
  private readonly feeds = new Set<EventFeed>();
  private unsubscribe: (() => void) | undefined;
  private beating: NodeJS.Timeout | undefined;

  constructor(parts: FeedsParts) {
    this.parts = parts;
  }

  /**
   * What `show` makes of events, after a place or from now on, as `text/event-stream`. A place that this
   * replica has not reached yet is waited for. Throws `Problem` when something after the place is no longer kept.
   */
  open(show: ShowEvent, after: EventPosition | undefined, mayNot?: EndReading): Readable {
    const { log, door } = this.parts;
    if (door.refusal !== undefined) throw door.refusal;
    if (this.feeds.size >= FEEDS_MAX)
      throw new Problem('busy', `There are ${FEEDS_MAX} streams already.`, { retryAfterMs: 1_000 });
    if (!log.isWhole) throw new Problem('too-stale', 'The state of this replica is being fetched.');
    const place = after ?? { opNumber: log.executed, n: LAST_OF_OP };
    const lost = trimmedAfter(log, place);
    if (lost !== undefined) throw lost;
    return this.add(show, place, mayNot).readable;
  }

  /** Nothing more happens here: readers are told why. */
  endAll(problem: Problem): void {
    for (const feed of [...this.feeds]) feed.end(problem);
  }

  private add(show: ShowEvent, place: EventPosition, mayNot?: EndReading): EventFeed {
    const over = (): void => {
      this.remove(feed);
    };
    const feed = new EventFeed(this.parts.log, show, place, over, mayNot);
    this.feeds.add(feed);
    this.unsubscribe ??= this.parts.hub.subscribe(this.onEvents);
    this.beating ??= setInterval(() => {
      for (const each of [...this.feeds]) each.beat();
    }, this.parts.heartbeatMs ?? HEARTBEAT_MS);
    return feed;
  }

  private remove(feed: EventFeed): void {
    this.feeds.delete(feed);
    if (this.feeds.size > 0) return;
    this.unsubscribe?.();
    this.unsubscribe = undefined;
    clearInterval(this.beating);
    this.beating = undefined;
  }

  private readonly onEvents = (_: readonly ExecutedEvent[]): void => {
    for (const feed of this.feeds) feed.wake();
  };
}
