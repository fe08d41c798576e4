import type { ConformanceCase } from './conformance-case';
import type { ObservedDifference } from './observation';
import type { MachineFacts } from './oracle/machine';

/** What is known to differ between us and the machine, and is meant to. */
export interface ExplainedDifference {
  readonly rule: string;
  readonly why: string;
  readonly right:
    'POSIX lets both' | 'POSIX is with us' | 'we promise less' | 'a limit of the machine';
  /** The setting below fs/ that it comes from, where it comes from one. */
  readonly sysctl?: string;
  /** The kind of operation that it comes with, where the state machine may not know it yet. */
  readonly onlyOf?: string;
  /** Whether all that differs in a case comes from this. */
  explains(
    each: ConformanceCase,
    differences: readonly ObservedDifference[],
    facts: MachineFacts,
  ): boolean;
}

/** A difference that is not here fails; an entry that explains nothing fails too. */
export const DIFFERENCES: readonly ExplainedDifference[] = [
  {
    rule: 'reads set no access time',
    why: 'No read enters the log, so none may leave a trace: every volume is as if mounted with noatime.',
    right: 'POSIX lets both',
    explains: (each, differences) =>
      each.ops.some(({ kind }) => kind === 'readdir' || kind === 'read') &&
      differences.length > 0 &&
      differences.every(
        ({ what, ours, theirs }) => what === 'atime' && ours === '=' && theirs === 'now',
      ),
  },
  {
    rule: 'create opens nothing',
    why: 'It gives no handle, so what exists is left as it is; open(2) with O_CREAT asks to read what it finds, and finds no driver behind a socket or a device.',
    right: 'we promise less',
    explains: ({ ops }, differences) =>
      ops.at(-1)?.kind === 'create' &&
      ops.at(-1)?.['exclusive'] !== true &&
      (onlyErrno(differences, 'ok', 'ENXIO') || onlyErrno(differences, 'ok', 'EACCES')),
  },
  {
    rule: 'whoever sees a file may link it',
    why: 'fs.protected_hardlinks forbids what POSIX allows: links to files that the caller neither owns nor may read and write, or that are special or set-id.',
    right: 'POSIX is with us',
    sysctl: 'protected_hardlinks',
    explains: ({ ops }, differences, { sysctl }) =>
      sysctl['protected_hardlinks'] === 1 &&
      ops.at(-1)?.kind === 'link' &&
      errnos(differences, 'EPERM').length === 1 &&
      errnos(differences, 'EPERM')[0]?.ours !== 'EPERM',
  },
  {
    rule: 'a working directory keeps nothing alive',
    why: 'It is the number of an inode, held by nobody: when the directory is removed it is gone, also by `.` and `..`. A process of the machine holds its own until it leaves.',
    right: 'we promise less',
    explains: ({ late = [], caller }, differences) =>
      late.some(({ kind, path }) => kind === 'rmdir' && path === caller.cwd) &&
      differences.some(({ what, ours }) => what === 'errno' && ours === 'ENOENT'),
  },
  {
    rule: 'an attribute set to what it is',
    why: 'Each setxattr that succeeds is a change of status; ext4 finds the value to be the same and changes nothing.',
    right: 'a limit of the machine',
    onlyOf: 'setxattr',
    explains: ({ ops, setup }, differences) =>
      ops.at(-1)?.kind === 'setxattr' &&
      setup.some(({ kind, name }) => kind === 'setxattr' && name === ops.at(-1)?.['name']) &&
      differences.length === 1 &&
      differences.every(
        ({ what, ours, theirs }) => what === 'ctime' && ours === 'now' && theirs === '=',
      ),
  },
  {
    rule: 'the largest file',
    why: 'Ours has 2^53 - 1 bytes, which JSON can still tell; ext4 with blocks of 4096 bytes ends at 16 TiB.',
    right: 'a limit of the machine',
    explains: ({ ops }, differences) =>
      ops.at(-1)?.kind === 'truncate' &&
      Number(ops.at(-1)?.['size']) > 2 ** 43 &&
      errnos(differences, 'EFBIG')[0]?.ours === 'ok',
  },
];

const errnos = (
  differences: readonly ObservedDifference[],
  theirs: string,
): readonly ObservedDifference[] =>
  differences.filter((each) => each.what === 'errno' && each.theirs === theirs);

function onlyErrno(
  differences: readonly ObservedDifference[],
  ours: string,
  theirs: string,
): boolean {
  const [first, ...others] = differences;
  return (
    others.length === 0 && first?.what === 'errno' && first.ours === ours && first.theirs === theirs
  );
}
