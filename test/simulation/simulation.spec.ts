import { simulatorOf } from './mutants/hunt';
import { ROOT, SEED_TIMEOUT_MS, shortRun } from './seed-runs';

describe('the simulator', () => {
  it(
    'repeats a run to the byte when it is given the same seed',
    () => {
      const first = simulatorOf(ROOT, undefined)(shortRun(5));
      const second = simulatorOf(ROOT, undefined)(shortRun(5));
      expect(second).toEqual(first);
      expect(first.steps).toBeGreaterThan(1000);
    },
    SEED_TIMEOUT_MS,
  );

  it(
    'runs another world when it is given another seed',
    () => {
      const simulate = simulatorOf(ROOT, undefined);
      expect(simulate(shortRun(6)).fingerprint).not.toBe(simulate(shortRun(9)).fingerprint);
    },
    SEED_TIMEOUT_MS,
  );

  it(
    'writes a line for each step of the protocol',
    () => {
      const lines: string[] = [];
      const write = (line: string): void => void lines.push(line);
      simulatorOf(ROOT, undefined)({ ...shortRun(3), write });
      expect(lines[0]).toMatch(/^tick {6}0 {2}replica 0 {2}epoch/);
    },
    SEED_TIMEOUT_MS,
  );
});
