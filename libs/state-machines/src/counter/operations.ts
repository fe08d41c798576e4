import { decode, encode, integer, struct, text, union, type ShapeOf } from '@lockstep/vr-core';

/**
 * A shape says once what a value is: its type, its bytes and its check. Order is format: new cases and fields are
 * appended, and `formatVersion` of the plug-in is raised when old bytes can no longer be read.
 */
const name = text(256, 1);

/** By how much one operation may move a counter. */
const STEP_MAX = 1_000_000_000;

export const counterOperation = union({
  add: struct({ name, by: integer(-STEP_MAX, STEP_MAX) }),
  reset: struct({ name }),
});
export type CounterOperation = ShapeOf<typeof counterOperation>;

/** A result that is no success is a value too: nothing is thrown for what a caller may well meet. */
export const counterOutcome = union({
  counted: struct({ value: integer() }),
  /** The counter would have left 0 to 2^53 - 1; `value` is what it still is. */
  'out-of-range': struct({ value: integer() }),
});
export type CounterOutcome = ShapeOf<typeof counterOutcome>;

export const counterQuery = union({ get: struct({ name }) });
export type CounterQuery = ShapeOf<typeof counterQuery>;

export const counterAnswer = struct({ value: integer() });

/** What watchers are told when a counter has changed. */
export const counterEvent = struct({ name, value: integer() });

export const encodeCounterOperation = (operation: CounterOperation): Uint8Array =>
  encode(counterOperation, operation);
export const decodeCounterOutcome = (bytes: Uint8Array): CounterOutcome =>
  decode(counterOutcome, bytes);
export const encodeCounterQuery = (query: CounterQuery): Uint8Array => encode(counterQuery, query);
