import { io, type Socket } from 'socket.io-client';
import * as msgpackParser from 'socket.io-msgpack-parser';
import type { AnswerItem, Problem, PushedEvent, RequestItem, ViewNotice } from './protocol';
import { tokenNow, type Token } from './token';
import { socketTrust, type TrustOptions } from './trust';

/** One open socket to one replica. */
export interface Link {
  readonly url: string;
  readonly isOpen: boolean;
  /** One message on the wire. */
  send(items: readonly RequestItem[]): void;
  close(): void;
}

/** What a link tells; nothing more after `closed`. */
export interface LinkListener {
  answers(link: Link, answers: readonly AnswerItem[]): void;
  events(link: Link, events: readonly PushedEvent[]): void;
  view(link: Link, view: ViewNotice): void;
  closed(link: Link): void;
}

/** A dial under way: `link` is undefined when the replica did not answer in time, or `stop` was called. */
export interface Dial {
  readonly link: Promise<Link | undefined>;
  stop(): void;
}

/** Who dials, and who is told when a replica does not let him in. */
export interface Identity {
  readonly token?: Token | undefined;
  readonly onRefused?: (problem: Problem) => void;
}

export type Dialler = (url: string, timeoutMs: number, listener: LinkListener) => Dial;

/**
 * Dials the namespace `/client` of a replica. One attempt: who reconnects, and where to, is decided elsewhere, since
 * socket.io would only ever try the same replica again.
 */
export const dialTrusting =
  (trust: TrustOptions | undefined, identity: Identity = {}): Dialler =>
  (url, timeoutMs, listener) => {
    const socket = openSocket(url, timeoutMs, trust, identity.token);
    const link: Link = {
      url,
      get isOpen() {
        return socket.connected;
      },
      send: (items) => void socket.emit('requests', items),
      close: () => void socket.disconnect(),
    };
    let end: (outcome: Link | undefined) => void = () => undefined;
    const connected = new Promise<Link | undefined>((resolve) => {
      const giveUp = setTimeout(() => end(undefined), timeoutMs);
      end = (outcome) => {
        clearTimeout(giveUp);
        if (outcome === undefined) socket.disconnect();
        resolve(outcome);
      };
    });
    socket.once('connect', () => end(link));
    socket.once('connect_error', (error: Error & { data?: unknown }) => {
      if (error.data !== undefined) identity.onRefused?.(error.data as Problem);
      end(undefined);
    });
    socket.on('answers', (answers: readonly AnswerItem[]) => listener.answers(link, answers));
    socket.on('events', (events: readonly PushedEvent[]) => listener.events(link, events));
    socket.on('view', (view: ViewNotice) => listener.view(link, view));
    socket.on('disconnect', () => {
      end(undefined);
      listener.closed(link);
    });
    socket.connect();
    return { link: connected, stop: () => end(undefined) };
  };

/** The same, to whom Node trusts. */
export const dial: Dialler = dialTrusting(undefined);

function openSocket(
  url: string,
  timeoutMs: number,
  trust: TrustOptions | undefined,
  token: Token | undefined,
): Socket {
  return io(`${url}/client`, {
    ...((trust === undefined ? {} : socketTrust(trust)) as object),
    ...(token !== undefined && { auth: shower(token) }),
    // Compression costs ten times what it saves on messages of this size.
    ...({ perMessageDeflate: false } as object),
    autoConnect: false,
    forceNew: true,
    parser: msgpackParser,
    reconnection: false,
    timeout: timeoutMs,
    transports: ['websocket'],
  });
}

/** A token that cannot be had is shown as none, and refused as none. */
const shower =
  (token: Token) =>
  (show: (auth: object) => void): void => {
    tokenNow(token).then(
      (text) => show({ token: text }),
      () => show({}),
    );
  };
