import { passes, shortRun } from './seed-runs';

describe('simulated groups keep every rule: seeds 1 to 32', () => {
  passes(Array.from({ length: 32 }, (_, at) => shortRun(at + 1)));
});
