import type { JsonObject } from '../../apps/server/src/contract/json';

/** One operation in the API's operation form, by which it can be sent with `curl` too. */
export type Operation = JsonObject & { readonly kind: string };

/** Who acts. `cwd` is a path from the top, by default the top itself. */
export interface Actor {
  readonly uid: number;
  /** The first is the effective one. */
  readonly gids: readonly number[];
  readonly umask: number;
  readonly cwd?: string;
}

/** What an entry must be like afterwards; what is not named does not matter. */
export interface ExpectedEntry {
  readonly type?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly nlink?: number;
  readonly size?: number;
  readonly target?: string;
  readonly rdev?: string;
  /** The path that the same inode had before. */
  readonly inode?: string;
  /** Access, modification and change time: `=` as before, `now`, or nanoseconds. */
  readonly times?: readonly [string, string, string];
}

/**
 * One rule in one situation: a tree that root sets up, then one request of a caller, of one operation unless handles
 * make several belong together, and what must become of it.
 */
export interface ConformanceCase {
  /** Unique in the whole table. */
  readonly name: string;
  readonly setup: readonly Operation[];
  /** Who sets up and owns the top; default: root. Plain users need no root on the machine either. */
  readonly setupBy?: Actor;
  /** Done by root after the caller's working directory was taken. */
  readonly late?: readonly Operation[];
  readonly caller: Actor;
  readonly ops: readonly Operation[];
  /** What the last operation that was tried says: `ok` or an errno. */
  readonly expected: string;
  /** What its answer holds, where it holds anything. */
  readonly result?: JsonObject;
  /** Why no system call of the machine does this; where it is given, only the state machine is asked. */
  readonly noSystemCall?: string;
  /** Entries afterwards by their path from the top; null: there must be none. */
  readonly after?: Readonly<Record<string, ExpectedEntry | null>>;
}

/** The cases of one rule, or of a few that belong together. */
export interface Family {
  readonly name: string;
  readonly cases: () => readonly ConformanceCase[];
}

/** Every kind of operation that a case needs. */
export const kindsOf = (each: ConformanceCase): readonly string[] => [
  ...new Set([...each.setup, ...(each.late ?? []), ...each.ops].map(({ kind }) => kind)),
];
