import type { Endpoints } from './endpoints';
import { ProblemError } from './errors';
import type { Problem } from './protocol';
import { readServerEvents, type ServerEvent } from './server-events';
import type { Fetch } from './trust';

export interface LockEventsOptions {
  /** Only of locks, latches and barriers whose names begin so. */
  readonly prefix?: string;
  /** Go on after this event, or after everything of this op; from now on when it is left out. */
  readonly from?: string;
  readonly signal?: AbortSignal;
}

/** Something that happened to a lock, a latch or a barrier. */
export interface LockEvent {
  /** Its place in the order: what `from` takes. */
  readonly id: string;
  readonly kind: string;
  /** The group's time, in milliseconds since its birth. */
  readonly atMs: number;
  readonly [field: string]: unknown;
}

/** Between two rounds in which no replica served the stream. */
const PAUSE_MS = 500;
/** A replica that says nothing for so long hangs: it sends a sign of life every 15 s. */
const SILENCE_MS = 40_000;

/**
 * What happens to locks, in order, without a gap: a stream that ends is taken up at the next replica after the last
 * event. Ends when the signal aborts. Rejects with `ProblemError` `events-trimmed` when what comes next is no longer
 * kept: look at the state, then watch from the `op` in it.
 */
export async function* lockEvents(
  endpoints: Endpoints,
  { prefix = '', from, signal }: LockEventsOptions,
  fetch: Fetch,
): AsyncGenerator<LockEvent, void, undefined> {
  let last = from;
  while (!isOver(signal)) {
    for (const url of endpoints.inOrder()) {
      if (isOver(signal)) return;
      const path = `${url}/v1/locks/events?prefix=${encodeURIComponent(prefix)}`;
      for await (const event of stream(fetch, path, last, signal)) {
        last = event.id;
        if (event.data !== '') yield { ...(JSON.parse(event.data) as LockEvent), id: event.id };
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

const isOver = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

/** One replica's stream, as long as it lasts. Throws only what no other replica would answer otherwise. */
async function* stream(
  fetch: Fetch,
  url: string,
  last: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServerEvent, void, undefined> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const either = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
  try {
    const headers = last === undefined ? {} : { 'last-event-id': last };
    const answer = await fetch(url, { headers, signal: either });
    if (!answer.ok || answer.body === null) throw problemIn(await answer.json());
    for await (const event of readServerEvents(answer.body)) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      if (event.name === 'end') throw problemIn(JSON.parse(event.data));
      yield event;
    }
  } catch (error) {
    if (error instanceof ProblemError && !isPassingHere(error)) throw error;
    // The connection, the replica or its door is gone: another one goes on.
  } finally {
    clearTimeout(timer);
  }
}

const problemIn = (body: unknown): ProblemError => new ProblemError(body as Problem);

const ELSEWHERE = new Set(['busy', 'too-stale', 'moved', 'witness', 'joining', 'stopping']);
const isPassingHere = ({ code }: ProblemError): boolean =>
  ELSEWHERE.has(code) || code === 'reader-too-slow';
