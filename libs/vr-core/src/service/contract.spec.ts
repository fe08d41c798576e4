import type { ByteString } from '../encoding/byte-string';
import { Malformed } from '../encoding/malformed';
import { checkPlugin } from './contract';
import { done, refused, type ApplyContext, type Plugin, type StateMachine } from './state-machine';
import type { Ordered, Tables } from './tables';

const KEY = 'sum' as ByteString;

/** Adds bytes up. Each fault below is one way to break the contract. */
class Adder implements StateMachine {
  protected readonly sums: Ordered;

  constructor(tables: Tables) {
    this.sums = tables.ordered('sums');
  }

  validate(operation: Uint8Array): void {
    if (operation.length !== 1) throw new Malformed('', 'must be one byte');
  }

  apply(operation: Uint8Array, context: ApplyContext) {
    const value = ((this.sums.get(KEY)?.[0] ?? 0) + (operation[0] ?? 0)) & 0xff;
    context.events.publish(Uint8Array.of(value));
    context.timers.set(KEY, context.clusterMs);
    this.sums.put(KEY, Uint8Array.of(value));
    return operation[0] === 13 ? refused(Uint8Array.of(0)) : done(Uint8Array.of(value));
  }

  read() {
    return done(this.sums.get(KEY) ?? Uint8Array.of(0));
  }
}

const plugin = (machine: new (tables: Tables) => StateMachine): Plugin => ({
  name: 'adder',
  formatVersion: 1,
  create: (tables) => new machine(tables),
});

const check = (machine: new (tables: Tables) => StateMachine) => () => {
  checkPlugin({
    plugin: plugin(machine),
    queries: [new Uint8Array(0)],
    steps: [1, 2, 13, 3, 4].flatMap((value) => [
      { kind: 'operation' as const, operation: Uint8Array.of(value), session: 0 },
      { kind: 'advance' as const, ms: 100 },
      { kind: 'keepalive' as const, session: 0 },
    ]),
  });
};

describe('the contract of a plug-in', () => {
  it('is kept by one that keeps everything in its tables', () => {
    expect(check(Adder)).not.toThrow();
  });

  it('is checked with the operations of others between its own, once for each copy', () => {
    const others: number[] = [];
    class Other extends Adder {
      override apply(operation: Uint8Array, context: ApplyContext) {
        others.push(operation[0] as number);
        return super.apply(operation, context);
      }
    }
    const service = 'other';
    checkPlugin({
      plugin: plugin(Adder),
      before: [{ ...plugin(Other), name: service }],
      queries: [],
      steps: [1, 2].map((value) => ({
        kind: 'operation',
        operation: Uint8Array.of(value),
        ...(value === 1 ? { service } : {}),
      })),
    });
    expect(others).toEqual([1, 1, 1]);
  });

  it('is broken by one that remembers something outside of them', () => {
    class Remembers extends Adder {
      private count = 0;
      override apply() {
        this.count += 1;
        return done(Uint8Array.of(this.count));
      }
    }
    expect(check(Remembers)).toThrow('made anew on the same tables it differs');
  });

  it('is broken by one whose memory survives an undo', () => {
    class Caches extends Adder {
      private sum: number | undefined;
      override apply(operation: Uint8Array) {
        this.sum = ((this.sum ?? this.sums.get(KEY)?.[0] ?? 0) + (operation[0] ?? 0)) & 0xff;
        this.sums.put(KEY, Uint8Array.of(this.sum));
        return done(Uint8Array.of(this.sum));
      }
    }
    expect(check(Caches)).toThrow('after a failed attempt it differs');
  });

  it('is broken by one that shares something between its copies', () => {
    let shared = 0;
    class Shares extends Adder {
      override apply() {
        shared += 1;
        return done(Uint8Array.of(shared));
      }
    }
    expect(check(Shares)).toThrow('differs');
  });

  it('is broken by a query that writes', () => {
    class Writes extends Adder {
      override read() {
        this.sums.put('read' as ByteString, Uint8Array.of(1));
        return super.read();
      }
    }
    expect(check(Writes)).toThrow('a query has changed the tables');
  });

  it('is broken by one that writes into bytes it has given away', () => {
    class Scribbles extends Adder {
      override apply(operation: Uint8Array) {
        const row = this.sums.get(KEY);
        if (row === undefined) this.sums.put(KEY, Uint8Array.of(0));
        else row[0] = ((row[0] ?? 0) + 1) & 0xff;
        return operation[0] === 13 ? refused(Uint8Array.of(0)) : done(Uint8Array.of(1));
      }
    }
    expect(check(Scribbles)).toThrow('a refused operation has left a change behind');
  });

  it('is broken by one that accepts bytes that are no operation, or crashes on them', () => {
    class Accepts extends Adder {
      override validate() {
        return undefined;
      }
    }
    class Crashes extends Adder {
      override validate(operation: Uint8Array) {
        if (operation.length !== 1) throw new TypeError('oops');
      }
    }
    class Refuses extends Adder {
      override validate() {
        throw new Malformed('', 'never');
      }
    }
    expect(check(Accepts)).toThrow('accepts bytes that are no operation');
    expect(check(Crashes)).toThrow('not Malformed');
    expect(check(Refuses)).toThrow('refuses a valid operation');
  });
});
