/**
 * The errors of POSIX that this service gives, by their names. One byte on the wire: append to the list, never
 * reorder it. (POSIX.1-2024, `errno.h`)
 */
export const ERRNOS = [
  'EACCES',
  'EADDRINUSE',
  'EBUSY',
  'EEXIST',
  'EFBIG',
  'EINVAL',
  'EISDIR',
  'ELOOP',
  'EMLINK',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'ENOTEMPTY',
  'EOPNOTSUPP',
  'EPERM',
  'ESTALE',
] as const;

export type Errno = (typeof ERRNOS)[number];
