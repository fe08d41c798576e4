import type { Need } from '../access/need';
import type { Principal } from '../access/principal';
import type { Role } from '../access/role';
import type { JsonObject } from './json';
import type { Belonging } from './ownership';
import type { Grant, Sequencer } from './sequencer';

/**
 * One service as clients see it: JSON in, bytes to the log, bytes back, JSON out. REST and the client channel use the
 * same one. Everything throws `Problem`: for input that cannot be read, and for outcomes that are refusals.
 */
export interface ServiceContract {
  readonly service: string;
  operation(op: JsonObject, naming: Naming): Uint8Array;
  /** The operation or query as its principal may make it, where that is not what he says. Throws `Problem`. */
  actingAs?(asked: JsonObject, principal: Principal, role: Role): JsonObject;
  /** What it takes to do it; `op` is one that `operation` has read. */
  needs(op: JsonObject): readonly Need[];
  /** The outcome of an operation; `op` is what was asked. */
  outcome(bytes: Uint8Array, op: JsonObject, moment: Moment): Result;
  query(query: JsonObject): Uint8Array;
  /** What it takes to ask it; `query` is one that `query` has read. */
  needsOfQuery(query: JsonObject): readonly Need[];
  /** The session or the request that the query speaks of, and that must be the asker's. */
  belonging?(query: JsonObject): Belonging | undefined;
  /** The answer to a query; `query` is what was asked. */
  answer(bytes: Uint8Array, query: JsonObject, moment: Moment): Result;
  /**
   * The query whose answer is to be given in place of the outcome of an operation that was executed before: a replayed
   * acquire answers what has become of its request. (decision 29)
   */
  replayQuery?(op: JsonObject, naming: Naming): JsonObject | undefined;
}

/** How a request is named, and for which session. */
export interface Naming {
  /** As `nameKey` spells it. */
  readonly request: string;
  readonly session: string | undefined;
}

/** `status` is REST's; the client channel sends the body alone. */
export interface Result {
  readonly status: number;
  readonly body: JsonObject;
}

/** When an answer is shown: what an outcome may not contain is added here. (decision 39) */
export interface Moment {
  /** For remaining times only. (decision 37) */
  readonly clusterMs: number;
  readonly epochNumber: number;
  readonly viewNumber: number;
  /** The group's; `incarnation` in the API. (decision 6) */
  readonly generation: number;
  /** Signed where somebody may have asked for it: at REST and in answers to queries. */
  sequencerOf(grant: Grant): string;
  /** False when it carries a signature that is not this group's. */
  isGenuine(sequencer: Sequencer): boolean;
}

export const ok = (body: JsonObject): Result => ({ status: 200, body });

/** How long it has lasted: the state keeps when it began, the API says for how long. */
export const elapsedMs = (sinceMs: number, { clusterMs }: Moment): number =>
  Math.max(0, clusterMs - sinceMs);

/** Milliseconds until a time of the cluster clock, never negative. */
export const remainingMs = (untilMs: number, { clusterMs }: Moment): number =>
  Math.max(0, untilMs - clusterMs);

/** Without the fields that are undefined: they are absent in JSON, and in msgpack they would be something else. */
export function present(object: JsonObject): JsonObject {
  const kept: Record<string, JsonObject[string]> = {};
  for (const [name, value] of Object.entries(object)) if (value !== undefined) kept[name] = value;
  return kept;
}
