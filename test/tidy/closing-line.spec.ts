import { spawnSync } from 'node:child_process';
import { root } from './checkout';

describe('npm test', () => {
  it('is red, and says so in its closing line, when the given word selects nothing', () => {
    // Put together, for a word that stands in this file would select this test.
    const word = ['word', 'that', 'no', 'test', 'has'].join('_');
    const run = spawnSync(process.execPath, ['scripts/test.mjs', word], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(run.stdout.trimEnd().split('\n').at(-1)).toBe('Tests: 0 passed, 1 failed');
    expect(run.stderr).toContain(word);
    expect(run.status).toBe(1);
  });
});
