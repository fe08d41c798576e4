import { relative } from 'node:path';
import { root } from './step.mjs';
import { record } from './tally.mjs';

/**
 * A jest reporter: a line a file, the story of what failed, and the run added to the tally. It
 * leaves the word `Tests:` to the closing line, which alone sums all rings.
 */
export default class TallyReporter {
  onTestResult(_test, result) {
    // A file of which the words selected nothing says nothing.
    if (result.skipped || result.numPassingTests + result.numFailingTests === 0) {
      if (!result.testExecError) return;
    }
    const verdict = result.failureMessage ? 'FAIL' : 'pass';
    const seconds = ((result.perfStats.end - result.perfStats.start) / 1000).toFixed(1);
    const path = relative(root, result.testFilePath);
    const count = `${result.numPassingTests} passed, ${result.numFailingTests} failed`;
    process.stdout.write(`  ${verdict} ${seconds.padStart(6)} s  ${path}: ${count}\n`);
    if (result.failureMessage) this.#explain(result);
  }

  onRunComplete(_contexts, results) {
    // A suite that did not even load has no tests to count, and must not pass unseen.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    record('jest', results.numPassedTests, failed);
  }

  #explain(result) {
    for (const line of result.console ?? []) process.stdout.write(`${line.message}\n`);
    process.stdout.write(`${result.failureMessage}\n`);
  }
}
