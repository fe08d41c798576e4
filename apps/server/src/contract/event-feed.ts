import { Readable } from 'node:stream';
import type { EventPosition, ExecutedEvent } from '@lockstep/vr-core';
import { placeId } from './event-place';
import { trimmedAfter, type FeedLog } from './feed-log';
import type { JsonObject } from './json';
import { Problem } from './problem';

/** Events looked at in one turn of the event loop. */
const EVENTS_A_TURN = 500;
/** Bytes that wait for a reader; with as many nothing more is read for him. */
const BUFFER_BYTES = 64 * 1024;
/** A reader who has taken nothing from a full buffer between so many heartbeats is given up. */
const SLOW_BEATS = 2;
/** How long a client that has been told of the end may take to read it. */
const FAREWELL_MS = 5_000;
/** After how long a client whose connection is lost comes again. */
const RETRY_MS = 1_000;

/** What a reader is told of an event; undefined when he did not ask for it. */
/** Why a reader may be told no more; undefined while he may. */
export type EndReading = () => Problem | undefined;

export type ShowEvent = (event: ExecutedEvent) => JsonObject | undefined;

/**
 * One stream of events, read from the replicated event log at the reader's pace: what is behind in the log needs no
 * buffer here, and a reader who comes again at any replica goes on after the last id that he saw.
 */
export class EventFeed {
  readonly readable: Readable;
  private readonly log: FeedLog;
  private readonly show: ShowEvent;
  private readonly onOver: () => void;
  private readonly mayNot: EndReading;
  /** What has been looked at, whether it was sent or not. */
  private place: EventPosition;
  private wanted = false;
  private scheduled = false;
  private beatsUnread = 0;
  private ended = false;

  constructor(
    log: FeedLog,
    show: ShowEvent,
    place: EventPosition,
    onOver: () => void,
    mayNot: EndReading = () => undefined,
  ) {
    this.log = log;
    this.show = show;
    this.place = place;
    this.onOver = onOver;
    this.mayNot = mayNot;
    this.readable = new Readable({
      highWaterMark: BUFFER_BYTES,
      read: () => {
        this.wanted = true;
        this.beatsUnread = 0;
        this.wake();
      },
      destroy: (fault, done) => {
        this.over();
        done(fault);
      },
    });
    this.send(`retry: ${RETRY_MS}\nid: ${placeId(place)}\n\n`);
  }

  /** There may be something new. */
  wake(): void {
    if (this.scheduled || this.ended || !this.wanted) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.look();
    });
  }

  /** A sign of life, and of how far this stream has looked: a client that comes again need not look there again. */
  beat(): void {
    if (this.ended || this.isOver()) return;
    if (this.wanted) {
      this.send(`:\nid: ${placeId(this.place)}\n\n`);
      return;
    }
    this.beatsUnread += 1;
    if (this.beatsUnread > SLOW_BEATS) this.end(new Problem('reader-too-slow'));
  }

  /** The last thing a reader is told. */
  end(problem: Problem): void {
    if (this.ended) return;
    this.send(`event: end\ndata: ${JSON.stringify(problem.toBody())}\n\n`);
    this.readable.push(null);
    this.over();
    setTimeout(() => this.readable.destroy(), FAREWELL_MS).unref();
  }

  private look(): void {
    if (this.ended || this.isOver() || !this.wanted || !this.log.isWhole) return;
    const lost = trimmedAfter(this.log, this.place);
    if (lost !== undefined) {
      this.end(lost);
      return;
    }
    const events = this.log.eventsSince(this.place, EVENTS_A_TURN);
    const last = events.at(-1);
    if (last === undefined) return;
    this.place = { opNumber: last.opNumber, n: last.n };
    const text = events.map((event) => this.frameOf(event)).join('');
    if (text !== '') this.send(text);
    if (events.length === EVENTS_A_TURN) this.wake();
  }

  private isOver(): boolean {
    const problem = this.mayNot();
    if (problem !== undefined) this.end(problem);
    return problem !== undefined;
  }

  private frameOf(event: ExecutedEvent): string {
    const shown = this.show(event);
    if (shown === undefined) return '';
    return `id: ${placeId(event)}\ndata: ${JSON.stringify(shown)}\n\n`;
  }

  /** Whether more is wanted the stream says itself, by asking again. */
  private send(text: string): void {
    this.wanted = false;
    this.readable.push(text);
  }

  private over(): void {
    if (this.ended) return;
    this.ended = true;
    this.onOver();
  }
}
