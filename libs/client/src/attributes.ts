export type InodeType = 'file' | 'dir' | 'symlink' | 'fifo' | 'socket' | 'char' | 'block';

/** What `stat` tells. */
export interface Attributes {
  readonly ino: bigint;
  readonly type: InodeType;
  /** The twelve permission bits. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly blocks: number;
  /** Nanoseconds since 1970. */
  readonly atimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly btimeNs: bigint;
  readonly rdev: { readonly major: number; readonly minor: number };
  readonly flags: number;
  /** Another one for every change of content or attributes. */
  readonly generation: string;
  readonly changedOp: bigint;
}

/** Numbers that can pass 2^53 travel as decimal strings. */
export function readAttributes(answer: unknown): Attributes {
  const wire = answer as Record<keyof Attributes, string> & Attributes;
  return {
    ...wire,
    ino: BigInt(wire.ino),
    atimeNs: BigInt(wire.atimeNs),
    mtimeNs: BigInt(wire.mtimeNs),
    ctimeNs: BigInt(wire.ctimeNs),
    btimeNs: BigInt(wire.btimeNs),
    changedOp: BigInt(wire.changedOp),
  };
}
