import { CATALOGUE } from '../../torture/src/faults/catalogue';
import { torture } from '../../torture/src/torture';
import { expectBuilt } from '../server/built-server';

/** The smallest run: some seconds of three kinds of faults. Hours are `npm run torture`. */
describe('a group under torture', () => {
  it('is sound while replicas are killed, paused and cut off', async () => {
    expectBuilt();
    const faults = ['kill-primary', 'pause', 'isolate'];
    expect(CATALOGUE.map(({ name }) => name)).toEqual(expect.arrayContaining(faults));
    const result = await torture({
      minutes: 0.1,
      seed: 6,
      replicas: 3,
      witnesses: 0,
      faults,
      boundSeconds: 60,
      keep: false,
      json: true,
    });
    expect(result.findings).toEqual([]);
    expect(result.verdict).toBe('sound');
    expect(result.faults).toBeGreaterThan(0);
    expect(result.operations).toBeGreaterThan(100);
    expect(result.lastLooks).toBeGreaterThan(0);
  }, 300_000);
});
