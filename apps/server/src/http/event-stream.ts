import type { FastifyReply } from 'fastify';
import { hasExpired } from '../access/principal';
import { Unauthenticated } from '../access/refusal';
import type { ShowEvent } from '../contract/event-feed';
import type { EventFeeds } from '../contract/event-feeds';
import { readPlace } from '../contract/event-place';
import { headerOf, type Exchange } from './exchange';

/** What a reader wants to see, and after which place; a browser that comes again says it in `Last-Event-ID`. */
interface Wanted {
  readonly show: ShowEvent;
  readonly from: string | undefined;
}

/** Answers with a stream of events. (WHATWG HTML, 9.2 Server-sent events) */
export function sendEvents(
  exchange: Exchange,
  reply: FastifyReply,
  feeds: EventFeeds,
  { show, from }: Wanted,
): void {
  const lastSeen = headerOf(exchange, 'last-event-id');
  const [value, field] = lastSeen === undefined ? [from, 'from'] : [lastSeen, 'Last-Event-ID'];
  const after = value === undefined ? undefined : readPlace(value, field);
  const { principal } = exchange.request;
  const stream = feeds.open(show, after, () =>
    hasExpired(principal) ? new Unauthenticated('expired') : undefined,
  );
  void reply
    .type('text/event-stream; charset=utf-8')
    .header('Cache-Control', 'no-store')
    .header('X-Accel-Buffering', 'no')
    .send(stream);
}
