/** The seven types of POSIX. One byte on the wire and in directories: append to the list, never reorder it. */
export const INODE_TYPES = ['file', 'dir', 'symlink', 'fifo', 'socket', 'char', 'block'] as const;

export type InodeType = (typeof INODE_TYPES)[number];

/** `S_IFMT` bits of a mode, as `sys/stat.h` of Linux has them. */
export const FORMAT_OF = {
  file: 0o100000,
  dir: 0o040000,
  symlink: 0o120000,
  fifo: 0o010000,
  socket: 0o140000,
  char: 0o020000,
  block: 0o060000,
} as const satisfies Record<InodeType, number>;

const TYPE_OF = new Map<number, InodeType>(INODE_TYPES.map((type) => [FORMAT_OF[type], type]));

export function typeOfMode(mode: number): InodeType {
  const type = TYPE_OF.get(mode & 0o170000);
  if (type === undefined) throw new RangeError(`no type of inode has mode ${mode.toString(8)}`);
  return type;
}

export const SETUID = 0o4000;
export const SETGID = 0o2000;
export const STICKY = 0o1000;
export const GROUP_EXECUTE = 0o010;
/** Every bit that chmod may change. */
export const PERMISSION_BITS = 0o7777;

/** Numbers name inodes for ever: they rise by one from 2, and none is used twice. */
export type Ino = number;

/** No inode has it: the root of a volume that is not there. */
export const NO_INO: Ino = 0;

/** A device, for inert special files: kept, shown, never opened. */
export interface Device {
  readonly major: number;
  readonly minor: number;
}

/** Of everything that is no device. */
export const NO_DEVICE: Device = { major: 0, minor: 0 };
