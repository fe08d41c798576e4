/**
 * The messages of the socket.io namespace `/client`, as the server's documentation of the channel gives them. All
 * that is asked in one turn of the event loop travels in one `requests` message, all answers of a turn in one
 * `answers` message; the order inside means nothing, `id` ties an answer to its question.
 */

/** A change to the group's state, named so that it happens once however often it is sent. (decision 1) */
export interface Mutation {
  readonly service: string;
  readonly op: Operation;
  /** Either session, requestNumber and ackedBelow ... */
  readonly session?: string;
  readonly requestNumber?: number;
  readonly ackedBelow?: number;
  /** ... or a key that no other request ever has. */
  readonly key?: string;
}

export interface Read {
  readonly service: string;
  readonly query: Operation;
  readonly consistency?: Consistency;
  /** Wait until the answering replica has executed this op-number: the reader sees his own writes. (decision 27) */
  readonly minOp?: number;
  /** Keep the answer open for so long, when the question is about something that is not there yet. */
  readonly waitMs?: number;
  /** With it: the op of what is known already. A later change is answered at once. */
  readonly since?: number;
}

export interface KeepAlive {
  readonly keepAlive: string;
}

export type Question = Mutation | Read | KeepAlive;
export type RequestItem = Question & { readonly id: number };

export type Consistency = 'linearizable' | 'lease' | 'stale';

/** An operation or a query of a service; its fields are those of the REST body. */
export interface Operation {
  readonly kind: string;
  readonly [field: string]: unknown;
}

export interface AnswerItem {
  readonly id: number;
  readonly result?: unknown;
  /** Its place in the order: `<op>.<index>`. */
  readonly op?: string;
  readonly replayed?: true;
  readonly problem?: Problem;
}

/** RFC 9457, with a stable `code` and the members that help. */
export interface Problem {
  readonly code: string;
  readonly status?: number;
  readonly title?: string;
  readonly detail?: string;
  readonly [member: string]: unknown;
}

/** Pushed on connecting and at every change of view. */
export interface ViewNotice {
  readonly epoch: number;
  readonly view: number;
  /** Node id of the view's primary, and where clients reach it. */
  readonly primary: string;
  readonly url: string;
  /** Node id of the replica that says so. */
  readonly replica: string;
  /** Where clients reach the members of the group, as it is in this epoch. */
  readonly urls?: readonly string[];
}

/** Pushed for sessions that were opened or kept alive through this socket. */
export interface PushedEvent {
  /** `op-index` of what caused it. */
  readonly event: string;
  readonly kind: string;
  readonly session: string;
  readonly [field: string]: unknown;
}

/** The server takes no longer message. */
export const ITEMS_PER_MESSAGE_MAX = 4096;
/** Requests of one session under way at once, W. (decision 1) */
export const REQUEST_WINDOW = 1024;
