import { ProblemError } from './errors';
import type { Problem } from './protocol';

/** Linux's numbers, negative as `node:fs` gives them. */
const NUMBERS: Readonly<Record<string, number>> = {
  EPERM: -1,
  ENOENT: -2,
  EAGAIN: -11,
  EACCES: -13,
  EBUSY: -16,
  EEXIST: -17,
  EXDEV: -18,
  ENOTDIR: -20,
  EISDIR: -21,
  EINVAL: -22,
  EFBIG: -27,
  ENOSPC: -28,
  EROFS: -30,
  EMLINK: -31,
  ENAMETOOLONG: -36,
  ENOSYS: -38,
  ENOTEMPTY: -39,
  ELOOP: -40,
  EOPNOTSUPP: -95,
  EADDRINUSE: -98,
  ESTALE: -116,
  EDQUOT: -122,
};

export const isErrno = (code: string): boolean => /^E[A-Z0-9]+$/.test(code);

/** An operation on files that POSIX refuses; shaped like the errors of `node:fs`, so that the same code reads both. */
export class FsError extends ProblemError {
  readonly errno: number | undefined;
  readonly syscall: string;
  readonly path: string | undefined;
  /** The part of the path at fault, where one part is. */
  readonly component: string | undefined;

  constructor(problem: Problem, syscall: string, path?: string) {
    super({ ...problem, detail: describe(problem, syscall, path) });
    this.errno = NUMBERS[problem.code];
    this.syscall = syscall;
    this.path = path;
    const component = problem['component'];
    this.component = typeof component === 'string' ? component : undefined;
  }
}

const describe = (problem: Problem, syscall: string, path: string | undefined): string =>
  `${problem.code}: ${problem.detail ?? problem.title ?? 'refused'}, ${syscall}${
    path === undefined ? '' : ` '${path}'`
  }`;
