import {
  bool,
  counter,
  decode,
  encode,
  integer,
  list,
  optional,
  struct,
  text,
  union,
  word,
  type Shape,
  type ShapeOf,
} from '../encoding/shape';
import type { ClusterMs } from '../numbers/numbers';
import type { SessionId } from '../service/state-machine';
import { PRINCIPAL_BYTES_MAX } from '../messages/request';

export const SESSIONS = 'sessions';

/** Shorter lives would be shorter than a change of view with its retry. (decision 22) */
export const TTL_MS_MIN = 2_000;
export const TTL_MS_MAX = 86_400_000;
export const LOCK_DELAY_MS_MAX = 60_000;
export const SESSION_NAME_BYTES_MAX = 256;
export const SESSION_METADATA_BYTES_MAX = 4_096;
export const SESSION_LIST_MAX = 1_000;
/** Live at one time: with their requests they are the memory that clients who do not close cost. */
export const SESSIONS_MAX = 200_000;

const sessionId = text(40) as unknown as Shape<SessionId>;

/** What becomes of what the session holds when it ends. */
const onEnd = word('release', 'delete');

const openShape = struct({
  ttlMs: integer(TTL_MS_MIN, TTL_MS_MAX),
  name: optional(text(SESSION_NAME_BYTES_MAX)),
  metadata: optional(text(SESSION_METADATA_BYTES_MAX)),
  lockDelayMs: integer(0, LOCK_DELAY_MS_MAX),
  onEnd,
});

/** Operations of the service `sessions`. Keepalives are none: they ride in Ticks. (decision 22) */
export const sessionOperation = union({
  open: openShape,
  /** Ends the session and all it holds; said twice it does no more. */
  close: struct({ session: sessionId }),
  /** The same, whoever has opened it; who may say so is for the door. */
  'force-close': struct({ session: sessionId }),
});
export type SessionOperation = ShapeOf<typeof sessionOperation>;
export type OpenSession = Omit<Extract<SessionOperation, { kind: 'open' }>, 'kind'>;

/** Outcomes of operations and queries: times are of the cluster clock; what remains is worked out by the door. */
export const sessionOutcome = union({
  opened: struct({ id: sessionId, ttlMs: integer(), deadlineMs: counter<ClusterMs>() }),
  closed: struct({}),
  'already-closed': struct({}),
  'not-your-session': struct({}),
  /** As many live as there may be; one that ends makes room. */
  'limit-reached': struct({ limit: word('sessions'), max: integer() }),
});
export type SessionOutcome = ShapeOf<typeof sessionOutcome>;

export const sessionQuery = union({
  get: struct({ session: sessionId }),
  /** Sessions in the order of their ids, after `after`, whose name starts with `prefix`. */
  list: struct({
    after: optional(sessionId),
    limit: integer(1, SESSION_LIST_MAX),
    prefix: optional(text(SESSION_NAME_BYTES_MAX)),
  }),
});
export type SessionQuery = ShapeOf<typeof sessionQuery>;

/** A session as a query shows it. All times by the cluster clock, in milliseconds. */
const sessionView = struct({
  id: sessionId,
  principal: text(PRINCIPAL_BYTES_MAX),
  ttlMs: integer(),
  deadlineMs: counter<ClusterMs>(),
  lastTouchMs: counter<ClusterMs>(),
  openedAtMs: counter<ClusterMs>(),
  name: optional(text(SESSION_NAME_BYTES_MAX)),
  metadata: optional(text(SESSION_METADATA_BYTES_MAX)),
  lockDelayMs: integer(),
  onEnd,
});
export type SessionView = ShapeOf<typeof sessionView>;

export const sessionAnswer = union({
  session: struct({ session: sessionView }),
  missing: struct({}),
  sessions: struct({
    sessions: list(sessionView, SESSION_LIST_MAX),
    /** There are more after the last one shown. */
    more: bool,
  }),
});
export type SessionAnswer = ShapeOf<typeof sessionAnswer>;

/** What watchers of sessions are told. */
export const sessionEvent = union({
  opened: struct({ id: sessionId }),
  ended: struct({ id: sessionId, cause: word('closed', 'expired') }),
});
export type SessionEvent = ShapeOf<typeof sessionEvent>;

export const encodeSessionOperation = (operation: SessionOperation): Uint8Array =>
  encode(sessionOperation, operation);
export const decodeSessionOperation = (data: Uint8Array): SessionOperation =>
  decode(sessionOperation, data);
export const encodeSessionOutcome = (outcome: SessionOutcome): Uint8Array =>
  encode(sessionOutcome, outcome);
export const decodeSessionOutcome = (data: Uint8Array): SessionOutcome =>
  decode(sessionOutcome, data);
export const encodeSessionQuery = (query: SessionQuery): Uint8Array => encode(sessionQuery, query);
export const decodeSessionQuery = (data: Uint8Array): SessionQuery => decode(sessionQuery, data);
export const encodeSessionAnswer = (answer: SessionAnswer): Uint8Array =>
  encode(sessionAnswer, answer);
export const decodeSessionAnswer = (data: Uint8Array): SessionAnswer => decode(sessionAnswer, data);
export const decodeSessionEvent = (data: Uint8Array): SessionEvent => decode(sessionEvent, data);
