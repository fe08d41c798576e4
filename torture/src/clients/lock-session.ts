import type { Mode } from '../models/lock-model';
import type { Fate } from './caller';

export interface Wanted {
  readonly lock: string;
  readonly owner: string;
  readonly mode: Mode;
  readonly waitMs: number;
}

/** A session that takes locks, however it speaks with the group. */
export interface LockSession {
  readonly id: string;
  /** Until when nobody can have ended it, as far as its client may believe. */
  readonly sureUntilMs: number;
  /** True once the group has said, or its client must assume, that it is over. */
  readonly isOver: boolean;
  /** Done with `{fence}`; refused with why not. */
  acquire(wanted: Wanted): Promise<Fate>;
  release(wanted: Wanted, fence: string): Promise<Fate>;
  /** True when the group has acknowledged its end. */
  close(): Promise<boolean>;
  /** Without a word: the group has to find out. */
  abandon(): void;
}
