import { bool, integer, struct, text, word, type ShapeOf } from '@lockstep/vr-core';
import { ROOT_INO } from './inode';
import { LABEL_MAX, NAME_MAX } from './limits';

/** The volume that exists from the start. */
export const MAIN_VOLUME = 'main';

const count = integer();

/** A tree with rules and limits of its own; volumes stand in for mounts. (files.md N9) */
export const volumeShape = struct({
  name: text(LABEL_MAX, 1),
  /** Never used twice; every inode says to which volume it belongs. */
  id: count,
  root: integer(1),
  /** The hidden directory of its trash; 0 until something was put there. */
  trash: count,
  flavour: word('linux', 'freebsd'),
  readOnly: bool,
  /** 0: no limit. */
  inodesMax: count,
  bytesMax: count,
  nameMax: integer(1, NAME_MAX),
  /** What can still be read of the past: so many ops, at most so many bytes and milliseconds of cluster time of it. */
  historyOps: count,
  historyBytes: count,
  historyMs: count,
  /** How long the trash keeps what is put there; 0: until it is discarded. */
  trashMs: count,
});
export type Volume = ShapeOf<typeof volumeShape>;

/** What a volume has that nobody has said anything of. */
export const VOLUME_DEFAULTS = {
  trash: 0,
  flavour: 'linux',
  readOnly: false,
  inodesMax: 0,
  bytesMax: 0,
  nameMax: NAME_MAX,
  historyOps: 100_000,
  historyBytes: 64 * 1024 * 1024,
  historyMs: 15 * 60_000,
  trashMs: 24 * 3_600_000,
} as const satisfies Partial<Volume>;

export const UNTOUCHED_MAIN: Volume = {
  ...VOLUME_DEFAULTS,
  name: MAIN_VOLUME,
  id: 0,
  root: ROOT_INO,
};
