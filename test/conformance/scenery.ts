import { GROUP, OWNER } from './actors';
import type { Operation } from './conformance-case';

export const TYPES = ['file', 'dir', 'symlink', 'fifo', 'socket', 'char', 'block'] as const;
export type Type = (typeof TYPES)[number];

/** How an entry of a setup differs from what root makes with everything allowed. */
export interface Traits {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Of a symbolic link. */
  readonly target?: string;
  readonly size?: number;
}

/** A device of a number for local use, which no driver has: the oracle opens it. (Linux: admin-guide/devices.txt) */
export const RDEV = { major: 120, minor: 300 };
export const RDEV_TEXT = '120:300';

/** Operations that make one entry, whatever the umask: what it is, whose, and with which bits. */
export function entry(type: Type, path: string, traits: Traits = {}): readonly Operation[] {
  const { mode = type === 'dir' ? 0o777 : 0o666, uid, gid, size } = traits;
  const made: Operation[] = [maker(type, path, mode, traits.target)];
  if (uid !== undefined || gid !== undefined)
    made.push({ kind: 'chown', path, follow: false, uid: uid ?? -1, gid: gid ?? -1 });
  // Giving it away has taken its set-id bits.
  if (type !== 'symlink' && made.length > 1 && (mode & 0o6000) !== 0)
    made.push({ kind: 'chmod', path, mode });
  if (type === 'dir' && made.length === 1 && (mode & 0o6000) !== 0)
    made.push({ kind: 'chmod', path, mode });
  if (size !== undefined) made.push({ kind: 'truncate', path, size });
  return made;
}

function maker(type: Type, path: string, mode: number, target = 'nowhere'): Operation {
  switch (type) {
    case 'file':
      return { kind: 'create', path, mode, exclusive: true };
    case 'dir':
      return { kind: 'mkdir', path, mode: mode & 0o1777 };
    case 'symlink':
      return { kind: 'symlink', path, target };
    case 'fifo':
    case 'socket':
      return { kind: 'mknod', path, type, mode };
    case 'char':
    case 'block':
      return { kind: 'mknod', path, type, mode, rdev: RDEV };
  }
}

/** Owned by the owner and of the group. */
export const OWNED = { uid: OWNER.uid, gid: GROUP } as const;

export const octal = (mode: number): string => `0${mode.toString(8)}`;
