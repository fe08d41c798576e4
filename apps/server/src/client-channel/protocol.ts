import type { ReadConsistency } from '../contract/consistency';
import type { JsonObject } from '../contract/json';
import type { ProblemBody } from '../contract/problem';
import type { PushedEvent } from '../contract/pushed-event';

export type { PushedEvent };

/**
 * What travels on the socket.io namespace `/client`, in both directions. Values are those of JSON, packed with
 * msgpack; operations, queries and results have the same forms as in REST. (docs/client-channel.md)
 */
export const CLIENT_NAMESPACE = '/client';

/** Items in one `requests` frame. */
export const ITEMS_PER_FRAME_MAX = 4096;
/** Items of one socket that wait for an answer; one more is answered `busy`. */
export const OUTSTANDING_MAX = 20_000;
/** Bytes of one frame from a client; a longer one ends the connection. */
export const FRAME_BYTES_MAX = 8 << 20;

/** What a client emits, and what the server emits: one array a turn of the event loop, never one frame an item. */
export interface ClientToServer {
  requests(items: readonly ClientItem[]): void;
}

export interface ServerToClient {
  answers(answers: readonly ItemAnswer[]): void;
  events(events: readonly PushedEvent[]): void;
  /** On connection, and whenever it changes. */
  view(view: PushedView): void;
  /** Why the server is about to disconnect. */
  refused(reason: string): void;
}

/** `id` is the client's own, unique among its items under way, and comes back with the answer. */
export type ClientItem = MutationItem | QueryItem | KeepAliveItem;

interface Item {
  readonly id: number;
  /** The answer comes within this time, 5,000 ms when it is left out; at most 600,000. */
  readonly timeoutMs?: number;
  /** Of the span that this item is a part of; spans are made of it only where traces are on. (W3C Trace Context, §3.2) */
  readonly traceparent?: string;
}

/**
 * An operation. It is named by `session` and `requestNumber`, or by `key`; with neither the server invents a key, and
 * a repetition is another operation. (decision 1)
 */
export interface MutationItem extends Item {
  readonly service: string;
  readonly op: JsonObject & { readonly kind: string };
  readonly session?: string;
  readonly requestNumber?: number;
  /** The client has seen the answers to all its request-numbers below this. */
  readonly ackedBelow?: number;
  readonly key?: string;
}

export interface QueryItem extends Item {
  readonly service: string;
  readonly query: JsonObject & { readonly kind: string };
  readonly consistency?: ReadConsistency;
  /** With `stale`: the answer has seen this op. */
  readonly minOp?: number;
  /** For the queries `request`, `lock`, `election` and `latch` of `locks`: wait so long for a change. */
  readonly waitMs?: number;
  /** With it, for `lock` and `election`: the op of what is known already; a later change is answered at once. */
  readonly since?: number;
}

export interface KeepAliveItem extends Item {
  readonly keepAlive: string;
}

export type ItemAnswer = ResultAnswer | ProblemAnswer;

export interface ResultAnswer {
  readonly id: number;
  readonly result: JsonObject;
  /** `op.index` of an operation, `op` of the state that a query saw; absent for a keepalive. */
  readonly op?: string;
  /** This is the answer of an earlier execution. */
  readonly replayed?: true;
}

export interface ProblemAnswer {
  readonly id: number;
  /** As `application/problem+json` has it. Clients switch on `code`. */
  readonly problem: ProblemBody;
}

export interface PushedView extends JsonObject {
  readonly epoch: number;
  readonly view: number;
  /** Node id of the view's primary. */
  readonly primary: string;
  /** Where clients reach it. */
  readonly url: string;
  /** Node id of the replica at this end of the socket. */
  readonly replica: string;
  /** Where clients reach the members that take them: all of them, of this epoch. */
  readonly urls: readonly string[];
}
