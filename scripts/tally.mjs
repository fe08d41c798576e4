import { appendFileSync, readFileSync } from 'node:fs';

/** The file to which every ring of tests adds a line `{ring, passed, failed}`, named by this variable. */
export const tallyVariable = 'LOCKSTEP_TALLY';

/** Adds one ring's result; without a tally file (a ring run alone, by hand) nothing is kept. */
export function record(ring, passed, failed) {
  const path = process.env[tallyVariable];
  if (path) appendFileSync(path, `${JSON.stringify({ ring, passed, failed })}\n`);
}

/** What all rings together have passed and failed. */
export function sumOf(path) {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  const sum = { passed: 0, failed: 0 };
  for (const line of lines) {
    const { passed, failed } = JSON.parse(line);
    sum.passed += passed;
    sum.failed += failed;
  }
  return sum;
}
