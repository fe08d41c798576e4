import type { ByteString } from '@lockstep/vr-core';
import type { Handle } from './handle';
import type { Inode } from './inode';

/** A name in a directory, where an operation has met an inode. */
export interface Place {
  readonly directory: Inode;
  readonly name: ByteString;
}

/** What an operation is about, and the name by which it was found, where there was one. */
export interface Target {
  readonly inode: Inode;
  readonly place: Place | undefined;
  /** Of what is open: permission was asked for when it was opened, and is not asked for again. */
  readonly handle?: Handle;
}
