import type { Problem } from './protocol';

/** The replica that was asked takes no clients: another one does, and nothing has happened. */
export const isSaidElsewhere = (problem: Problem): boolean => ELSEWHERE.has(problem.code);
const ELSEWHERE = new Set(['moved', 'witness', 'joining']);

/** The same request can be tried again, under its name, and fare better. */
export const isPassing = (problem: Problem): boolean =>
  PASSING.has(problem.code) || isSaidElsewhere(problem);
const PASSING = new Set([
  'outcome-unknown',
  'no-primary',
  'busy',
  'rate-limited',
  'stopping',
  'too-stale',
  'active-missing',
]);
