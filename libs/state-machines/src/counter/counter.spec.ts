import * as fc from 'fast-check';
import { checkPlugin, createSolo, decode, Malformed, type ContractStep } from '@lockstep/vr-core';
import { counter } from './counter';
import {
  counterAnswer,
  decodeCounterOutcome,
  encodeCounterOperation,
  encodeCounterQuery,
  type CounterOperation,
} from './operations';

const names = fc.constantFrom('a', 'b', 'a name with ü');

const operations: fc.Arbitrary<CounterOperation> = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    name: names,
    by: fc.integer({ min: -20, max: 20 }),
  }),
  fc.record({ kind: fc.constant('reset' as const), name: names }),
);

const steps: fc.Arbitrary<ContractStep> = fc.oneof(
  {
    weight: 5,
    arbitrary: operations.map((operation) => ({
      kind: 'operation' as const,
      operation: encodeCounterOperation(operation),
    })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'advance' as const, ms: 4_000 }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'new-view' as const }) },
);

const group = () => {
  const solo = createSolo([counter()]);
  return {
    solo,
    does: (operation: CounterOperation) => {
      const answer = solo.submit('counter', encodeCounterOperation(operation));
      if (answer.kind === 'problem') throw new Error(answer.code);
      return { refused: answer.refused, ...decodeCounterOutcome(answer.bytes) };
    },
    value: (name: string) =>
      decode(counterAnswer, solo.read('counter', encodeCounterQuery({ kind: 'get', name })).bytes)
        .value,
  };
};

describe('the counter', () => {
  it('keeps the contract of a plug-in', () => {
    const queries = [encodeCounterQuery({ kind: 'get', name: 'a' })];
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 30 }), (run) => {
        checkPlugin({ plugin: counter(), steps: run, queries });
      }),
      { numRuns: 30 },
    );
  });

  it('counts each name for itself, from 0', () => {
    const { does, value } = group();
    expect(value('a')).toBe(0);
    expect(does({ kind: 'add', name: 'a', by: 3 })).toMatchObject({ kind: 'counted', value: 3 });
    expect(does({ kind: 'add', name: 'a', by: -1 })).toMatchObject({ kind: 'counted', value: 2 });
    expect(value('a')).toBe(2);
    expect(value('b')).toBe(0);
  });

  it('refuses to go below 0 or above 2^53 - 1, and stays what it is', () => {
    const { does, solo, value } = group();
    does({ kind: 'add', name: 'a', by: 5 });
    const eventCount = solo.events.length;
    expect(does({ kind: 'add', name: 'a', by: -6 })).toEqual({
      refused: true,
      kind: 'out-of-range',
      value: 5,
    });
    expect(value('a')).toBe(5);
    expect(solo.events.length).toBe(eventCount);
  });

  it('is 0 after a reset', () => {
    const { does, value } = group();
    does({ kind: 'add', name: 'a', by: 5 });
    expect(does({ kind: 'reset', name: 'a' })).toMatchObject({ kind: 'counted', value: 0 });
    expect(value('a')).toBe(0);
  });

  it('lets nothing but its own operations into the log', () => {
    const { solo } = group();
    expect(() => solo.submit('counter', Uint8Array.from([9]))).toThrow(Malformed);
    expect(() => solo.submit('counter', new Uint8Array(0))).toThrow(Malformed);
  });
});
