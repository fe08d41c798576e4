import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { root } from './step.mjs';
import { setUp } from './setup.mjs';
import { sumOf, tallyVariable } from './tally.mjs';

// `npm test [-- word ...]`: sets up, checks everything (or the tests of those words), and closes
// with one line for people and machines: `Tests: N passed, N failed`, summed over all rings.
const folder = mkdtempSync(join(tmpdir(), 'lockstep-test-'));
const tally = join(folder, 'tally.jsonl');
writeFileSync(tally, '');

const ready = await setUp();
const passed = ready && check();
const sum = sumOf(tally);
rmSync(folder, { recursive: true });

// A set-up that broke, a crash, or a run that tested nothing must not read as green.
if (sum.failed === 0 && (!passed || sum.passed === 0)) sum.failed = 1;
process.stdout.write(`Tests: ${sum.passed} passed, ${sum.failed} failed\n`);
process.exitCode = sum.failed === 0 ? 0 : 1;

function check() {
  const run = spawnSync(process.execPath, ['scripts/check.mjs', ...process.argv.slice(2)], {
    cwd: root,
    env: { ...process.env, [tallyVariable]: tally },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return run.status === 0;
}
