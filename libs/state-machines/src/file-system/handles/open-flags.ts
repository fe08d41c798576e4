import type { OpenFlag } from '../wire/operations';

/** For what a file is opened, and how. */
export interface OpenMode {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
  readonly follow: boolean;
  readonly directory: boolean;
  readonly nonblock: boolean;
}

/**
 * What flags mean together; undefined when they do not go together: exactly one way of access, and nothing that is made
 * is a directory. (POSIX `open`; build_open_flags of Linux, since 6.3)
 */
export function openModeOf(flags: readonly OpenFlag[]): OpenMode | undefined {
  const has = (flag: OpenFlag): boolean => flags.includes(flag);
  const ways = [has('RDONLY'), has('WRONLY'), has('RDWR')];
  if (ways.filter((isAsked) => isAsked).length !== 1) return undefined;
  if (has('CREAT') && has('DIRECTORY')) return undefined;
  const exclusive = has('CREAT') && has('EXCL');
  return {
    read: !has('WRONLY'),
    write: !has('RDONLY'),
    append: has('APPEND'),
    create: has('CREAT'),
    exclusive,
    truncate: has('TRUNC'),
    follow: !has('NOFOLLOW') && !exclusive,
    directory: has('DIRECTORY'),
    nonblock: has('NONBLOCK'),
  };
}
