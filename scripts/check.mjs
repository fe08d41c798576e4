import { join } from 'node:path';
import { root, step } from './step.mjs';
import { selectTests } from './select-tests.mjs';
import { record } from './tally.mjs';

// `npm run check [-- word ...]`: types, lint, format, the dependency rule, tests. It writes nothing
// but build outputs and caches. With words only the tests that they select are run.
const cached = ['--cache', '--cache-location', 'node_modules/.cache/prettier-check'];
const formatOnly = ['--check', '--log-level', 'warn', ...cached];
const sources = ['libs/*/src', 'apps/*/src', 'demo', 'torture/src', 'bench', 'test'];
const dependencyRule = ['--config', '.dependency-cruiser.cjs', ...sources];
const words = process.argv.slice(2);

const passed = words.length === 0 ? await everything() : await selected();
process.exitCode = passed ? 0 : 1;

/**
 * Goes on after a failure: one run tells all that is wrong. Lint needs the types that the build
 * makes; it keeps no cache, which would not see that a type changed in another file.
 */
async function everything() {
  const types = await fence('typecheck', 'tsc', ['-b']);
  const [lint, others] = await Promise.all([
    fence('lint', 'eslint', ['.', '--max-warnings', '0']),
    inTurn([
      () => fence('format', 'prettier', ['.', ...formatOnly]),
      () => fence('dependencies', 'depcruise', dependencyRule),
    ]),
  ]);
  const tests = await jest(['--maxWorkers=100%']);
  return types && lint && others && tests;
}

async function inTurn(fences) {
  let passed = true;
  for (const run of fences) passed = (await run()) && passed;
  return passed;
}

/** A broken fence counts as one failed test, so that the closing line cannot look green. */
async function fence(name, tool, args) {
  const passed = await step(name, binary(tool), args, { beside: true });
  if (!passed) record(name, 0, 1);
  return passed;
}

async function selected() {
  const { whole, byName, pattern } = selectTests(words);
  if (whole.length + byName.length === 0) {
    process.stderr.write(`No test has "${words.join('" or "')}" in its path or name.\n`);
    return false;
  }
  const wholeFiles = whole.length === 0 || (await jest(['--runTestsByPath', ...whole]));
  const testsByName =
    byName.length === 0 || (await jest(['-t', pattern, '--runTestsByPath', ...byName]));
  return wholeFiles && testsByName;
}

function jest(args) {
  const reporters = ['--reporters=<rootDir>/scripts/tally-reporter.mjs', '--verbose=false'];
  return step('tests', binary('jest'), [...reporters, ...args], { live: true });
}

function binary(tool) {
  return join(root, 'node_modules', '.bin', tool);
}
