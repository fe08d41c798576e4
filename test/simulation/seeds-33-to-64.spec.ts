import { passes, shortRun } from './seed-runs';

describe('simulated groups keep every rule: seeds 33 to 64', () => {
  passes(Array.from({ length: 32 }, (_, at) => shortRun(at + 33)));
});
