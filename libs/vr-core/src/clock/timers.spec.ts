import * as fc from 'fast-check';
import type { ByteString } from '../encoding/byte-string';
import { fnvHash } from '../encoding/fnv-hash';
import type { ClusterMs } from '../numbers/numbers';
import { createStateStore } from '../service/state-store';
import { TimerTable } from './timers';

const SERVICES = ['b', 'a', 'ab'];

const table = () => new TimerTable(createStateStore(fnvHash).tablesOf('t'), SERVICES);

const steps = fc.array(
  fc.record({
    service: fc.constantFrom(...SERVICES),
    key: fc.constantFrom('', '\0', 'x', '\0\xff', 'b'),
    atMs: fc.option(fc.nat(20), { nil: undefined }),
  }),
  { maxLength: 60 },
);

const pop = (timers: TimerTable): string[] => {
  const popped: string[] = [];
  for (let timer = timers.min(); timer !== undefined; timer = timers.min()) {
    popped.push(`${timer.atMs} ${timer.service} ${timer.key}`);
    timers.of(timer.service).cancel(timer.key);
  }
  return popped;
};

describe('the timer table', () => {
  it('runs out in the order (deadline, service, key), one deadline a key', () => {
    fc.assert(
      fc.property(steps, (run) => {
        const timers = table();
        const twin = new Map<string, { atMs: number; service: string; key: string }>();
        for (const { service, key, atMs } of run) {
          if (atMs === undefined) timers.of(service).cancel(key as ByteString);
          else timers.of(service).set(key as ByteString, atMs as ClusterMs);
          if (atMs === undefined) twin.delete(`${service}/${key}`);
          else twin.set(`${service}/${key}`, { atMs, service, key });
        }
        const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
        const expected = [...twin.values()]
          .sort((a, b) => a.atMs - b.atMs || order(a.service, b.service) || order(a.key, b.key))
          .map(({ atMs, service, key }) => `${atMs} ${service} ${key}`);
        expect(timers.minMs()).toBe(
          [...twin.values()].map(({ atMs }) => atMs).sort((a, b) => a - b)[0],
        );
        expect(pop(timers)).toEqual(expected);
        expect(timers.minMs()).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('walks those before a time', () => {
    const timers = table();
    for (const [service, atMs] of [
      ['a', 5],
      ['b', 3],
      ['ab', 7],
    ] as const)
      timers.of(service).set('k' as ByteString, atMs as ClusterMs);
    expect([...timers.before(7)].map(({ service }) => service)).toEqual(['b', 'a']);
  });

  it('takes no deadline that is none', () => {
    for (const atMs of [-1, 0.5, Number.NaN, Infinity])
      expect(() => {
        table()
          .of('a')
          .set('k' as ByteString, atMs as ClusterMs);
      }).toThrow(RangeError);
  });
});
