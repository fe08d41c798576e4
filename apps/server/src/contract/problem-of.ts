import { Problem } from './problem';

/** The problem that some work throws; undefined when it throws none. Other faults are passed on. */
export function problemOf(work: () => unknown): Problem | undefined {
  try {
    work();
    return undefined;
  } catch (fault) {
    if (fault instanceof Problem) return fault;
    throw fault;
  }
}
