import type { ByteString } from '../encoding/byte-string';
import type { ClusterMs, OpNumber } from '../numbers/numbers';
import type { Savepoint, Tables } from './tables';

/**
 * A service that runs behind the replicated log: data plus this interface. (VRR §2, the up-calls of §4.1;
 * decision 2)
 *
 * The contract, kept by the exported contract test suite:
 * - `apply` is a function of the tables, the operation and the context: no clock, no dice, no I/O, nothing remembered
 *   outside the tables;
 * - an outcome marked `refused`, and any throw, undoes every write and every event of that operation;
 * - an outcome contains only values of the entry and of the tables: remaining times, views and epochs are added outside.
 */
export interface Plugin {
  /** The service's name in operations, logs and URLs: lower-case letters, digits and hyphens. Never changed. */
  readonly name: string;
  /** Version of the operations' and tables' formats. */
  readonly formatVersion: number;
  /** Ports of other plug-ins it may call inside apply, as `service.port`; those plug-ins are registered before it. */
  readonly uses?: readonly string[];
  /** One instance a replica. Ask for the tables here, once. */
  create(tables: Tables): StateMachine;
}

export interface StateMachine {
  /** Throws `Malformed` when the bytes are no operation of this service. Called before an operation enters the log. */
  validate(operation: Uint8Array): void;
  /** Executes one committed operation. */
  apply(operation: Uint8Array, context: ApplyContext): Outcome;
  /** Answers a query; changes nothing. Throws `Malformed` when the bytes are no query of this service. */
  read(query: Uint8Array, context: ReadContext): Outcome;
  /** A timer that this service set has run out, by the cluster clock, inside a Tick. */
  onTimer?(key: ByteString, context: ApplyContext): void;
  /** A session has been closed or has expired. It is no longer found in `context.sessions`. */
  onSessionEnd?(session: Session, context: ApplyContext): void;
  /** The first operation of a new view. */
  onViewStart?(context: ApplyContext): void;
  /**
   * The group is a new one that was made of an old state: what is numbered so that it never comes again goes on above all
   * that an earlier generation may have given out. (decision 6)
   */
  onNewGeneration?(generation: number, context: ApplyContext): void;
  /** Read-only questions that other plug-ins may ask inside apply. */
  readonly ports?: Readonly<Record<string, Port>>;
}

export type Port = (question: Uint8Array, context: ReadContext) => Uint8Array;

/** The answer to an operation or a query, in the service's own encoding. */
export interface Outcome {
  /** True when the operation was turned down: everything it wrote is undone. */
  readonly refused: boolean;
  readonly bytes: Uint8Array;
}

export const done = (bytes: Uint8Array): Outcome => ({ refused: false, bytes });
export const refused = (bytes: Uint8Array): Outcome => ({ refused: true, bytes });

export interface ReadContext {
  /** The op-number of the operation being executed, or of the last one executed when reading. */
  readonly opNumber: OpNumber;
  /** The cluster clock: the entry's stamp in apply. The only time that leases, waits and retention may use. */
  readonly clusterMs: ClusterMs;
  readonly sessions: Sessions;
}

export interface ApplyContext extends ReadContext {
  /** Place of the operation in its log entry: (opNumber, index) names it for ever. */
  readonly index: number;
  /** The primary's wall clock when the entry was closed, strictly rising from one operation to the next.
   *  File-time data only: nothing may branch on it. (decision 4) */
  readonly wallSeconds: number;
  /** 0 to 999,999,999. */
  readonly wallNanos: number;
  /** The session that named the request, when one did; it is live. */
  readonly session: Session | undefined;
  /** Who asks: `local` when authentication is off. */
  readonly principal: string;
  readonly timers: Timers;
  readonly events: Events;
  /** A port of another plug-in, by its full name; only those listed in `uses`. */
  port(name: string): (question: Uint8Array) => Uint8Array;
  /** For all-or-nothing work inside one operation. */
  savepoint(): Savepoint;
  /**
   * Says how much work a hook has done (grants, releases ...), so that one Tick stays bounded; returns how much the hooks
   * of this Tick have done so far. Of no meaning in an operation. (decision 20)
   */
  charge(units: number): number;
}

/** `<op>-<index>` of the operation that opened it. */
export type SessionId = string & { readonly [sessionId]: true };
declare const sessionId: unique symbol;

/** A client's session: a lease of the whole group on the client's life, and the VR client of §4.5. */
export interface Session {
  readonly id: SessionId;
  readonly principal: string;
  readonly ttlMs: number;
  /** By the cluster clock; past it the session lives on until the next Tick. */
  readonly deadlineMs: ClusterMs;
  readonly lockDelayMs: number;
  /** Why it ended; undefined while it lives. */
  readonly ended: 'closed' | 'expired' | undefined;
}

export interface Sessions {
  find(id: string): Session | undefined;
}

/** Timers of one plug-in, by the cluster clock, in the state like any table. One deadline a key. */
export interface Timers {
  set(key: ByteString, atMs: ClusterMs): void;
  cancel(key: ByteString): void;
}

/** What happened, for watchers, in op order; kept in the state for a while so that any replica can resume a watch. */
export interface Events {
  publish(event: Uint8Array): void;
}
