import { execFileSync } from 'node:child_process';
import { Chance } from './chance';
import { passes, ROOT, shortRun } from './seed-runs';

/** New seeds with every commit, and the same at every run of one. (decision 28) */
function seedsOf(commit: string): number[] {
  const chance = new Chance(`commit ${commit}`);
  return Array.from({ length: 32 }, () => 1000 + chance.below(1_000_000_000));
}

function commitHash(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  } catch {
    return 'no commit';
  }
}

describe('simulated groups keep every rule: 32 seeds of this commit', () => {
  passes(seedsOf(commitHash()).map(shortRun));
});
