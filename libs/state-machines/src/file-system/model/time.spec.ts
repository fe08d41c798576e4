import fc from 'fast-check';
import { getTime, nearestFileTime, putTime, SECONDS_MAX, SECONDS_MIN } from './time';

const times = fc.record({
  seconds: fc.integer({ min: SECONDS_MIN + 1, max: SECONDS_MAX - 1 }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
});

function recordOf(time: { seconds: number; nanos: number }): Uint8Array {
  const record = new Uint8Array(8);
  putTime(record, 0, time);
  return record;
}

describe('a time in a record', () => {
  it('is read as it was written, to the nanosecond', () => {
    fc.assert(
      fc.property(times, (time) => {
        expect(getTime(recordOf(time), 0)).toEqual(time);
      }),
    );
  });

  it.each([
    ['before 1970', { seconds: -1, nanos: 999_999_999 }],
    ['past 2^32 seconds', { seconds: 2 ** 32, nanos: 1 }],
    ['the first', { seconds: SECONDS_MIN, nanos: 0 }],
    ['the last', { seconds: SECONDS_MAX, nanos: 0 }],
  ])('may be %s', (_, time) => {
    expect(getTime(recordOf(nearestFileTime(time.seconds, time.nanos)), 0)).toEqual(time);
  });

  it('has bytes in the order of the times', () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        const byTime = Math.sign(a.seconds - b.seconds || a.nanos - b.nanos);
        expect(Buffer.compare(recordOf(a), recordOf(b))).toBe(byTime);
      }),
    );
  });

  it('is the nearest that can be kept when it lies outside, without nanoseconds', () => {
    expect(nearestFileTime(-(2 ** 40), 5)).toEqual({ seconds: SECONDS_MIN, nanos: 0 });
    expect(nearestFileTime(2 ** 60, 5)).toEqual({ seconds: SECONDS_MAX, nanos: 0 });
  });
});
