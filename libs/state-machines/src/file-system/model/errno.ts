/**
 * The errors of POSIX that this service gives, by their names. One byte on the wire: append to the list, never
 * reorder it. (POSIX.1-2024, `errno.h`; EFTYPE of FreeBSD)
 */
export const ERRNOS = [
  'E2BIG',
  'EACCES',
  'EADDRINUSE',
  'EAGAIN',
  'EBADF',
  'EBUSY',
  'EDEADLK',
  'EDQUOT',
  'EEXIST',
  'EFBIG',
  'EFTYPE',
  'EINVAL',
  'EISDIR',
  'ELOOP',
  'EMLINK',
  'ENAMETOOLONG',
  'ENODATA',
  'ENOENT',
  'ENOLCK',
  'ENOSPC',
  'ENOSYS',
  'ENOTDIR',
  'ENOTEMPTY',
  'ENXIO',
  'EOPNOTSUPP',
  'EPERM',
  'ERANGE',
  'EROFS',
  'ESTALE',
  'ETXTBSY',
  'EXDEV',
  'EMFILE',
] as const;

export type Errno = (typeof ERRNOS)[number];
