import {
  decode,
  done,
  encode,
  refused,
  utf8Encode,
  type ApplyContext,
  type Ordered,
  type Outcome,
  type Plugin,
  type StateMachine,
  type Tables,
} from '@lockstep/vr-core';
import {
  counterAnswer,
  counterEvent,
  counterOperation,
  counterOutcome,
  counterQuery,
} from './operations';

/** Named counters: the smallest service that is worth replicating, and the example to start one's own from. */
export function counter(): Plugin {
  return { name: 'counter', formatVersion: 1, create: (tables) => new Counter(tables) };
}

class Counter implements StateMachine {
  /**
   * The only field. Whatever an outcome depends on is in a table, so that undo, checkpoints and transfer to other
   * replicas need nothing from us. A plain `Map` here would be lost with the process and wrong after a rollback.
   */
  private readonly values: Ordered;

  constructor(tables: Tables) {
    this.values = tables.ordered('values');
  }

  /** Called before an operation may enter the log. Reading its bytes is the check: `decode` throws `Malformed`. */
  validate(operation: Uint8Array): void {
    decode(counterOperation, operation);
  }

  /**
   * Runs at every replica with the same arguments, and must do the same there: time is `context.clusterMs`, who asks
   * is `context.principal`, and there is no other source of anything.
   */
  apply(bytes: Uint8Array, context: ApplyContext): Outcome {
    const operation = decode(counterOperation, bytes);
    const before = this.valueOf(operation.name);
    const value = operation.kind === 'reset' ? 0 : before + operation.by;
    // Refused means: told to the caller, kept for retries, and nothing has happened.
    if (!Number.isSafeInteger(value) || value < 0)
      return refused(encode(counterOutcome, { kind: 'out-of-range', value: before }));
    this.store(operation.name, value);
    context.events.publish(encode(counterEvent, { name: operation.name, value }));
    return done(encode(counterOutcome, { kind: 'counted', value }));
  }

  /** Runs at one replica, between operations, and changes nothing. */
  read(bytes: Uint8Array): Outcome {
    const query = decode(counterQuery, bytes);
    return done(encode(counterAnswer, { value: this.valueOf(query.name) }));
  }

  private valueOf(name: string): number {
    const row = this.values.get(utf8Encode(name));
    return row === undefined ? 0 : decode(counterAnswer, row).value;
  }

  /** A counter at 0 has no row: one state, one set of bytes, one digest. */
  private store(name: string, value: number): void {
    const key = utf8Encode(name);
    if (value === 0) this.values.delete(key);
    else this.values.put(key, encode(counterAnswer, { value }));
  }
}
