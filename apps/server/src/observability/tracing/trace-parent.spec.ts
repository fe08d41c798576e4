import { isSampled, traceOfOp } from './op-trace';
import { parseTraceParent } from './trace-parent';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('traceparent', () => {
  it('names a trace, a span of it and whether it is sampled', () => {
    expect(parseTraceParent(`00-${TRACE}-${SPAN}-01`)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      traceFlags: 1,
    });
  });

  it('of a later version may have more to it', () => {
    expect(parseTraceParent(`01-${TRACE}-${SPAN}-00-more`)).toMatchObject({ traceFlags: 0 });
  });

  it.each([
    undefined,
    '',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`,
  ])('is none when it is %p', (header) => {
    expect(parseTraceParent(header)).toBeUndefined();
  });
});

describe('the trace of an op', () => {
  const group = { groupId: 'g', generation: 1 };

  it('is the same at every replica, and another in another group', () => {
    expect(traceOfOp({ ...group }, 57)).toEqual(traceOfOp(group, 57));
    const others = [traceOfOp(group, 58), traceOfOp({ ...group, generation: 2 }, 57)];
    for (const { traceId } of others) expect(traceId).not.toBe(traceOfOp(group, 57).traceId);
  });

  it('is sampled about as often as it is asked for', () => {
    const ops = Array.from({ length: 2_000 }, (_, op) => traceOfOp(group, op));
    expect(ops.filter((context) => isSampled(context, 0))).toHaveLength(0);
    expect(ops.filter((context) => isSampled(context, 1))).toHaveLength(2_000);
    const half = ops.filter((context) => isSampled(context, 0.5)).length;
    expect(half).toBeGreaterThan(900);
    expect(half).toBeLessThan(1_100);
  });
});
