import type { Role } from './role';

/** A role, on everything or on a part. */
export interface Grant {
  readonly role: Role;
  /** Undefined: the whole group, with all that is in it. */
  readonly on: Part | undefined;
}

/** Locks whose names begin so, semaphores, elections, barriers and latches among them; or what lies at or under a path. */
export type Part =
  | { readonly kind: 'locks'; readonly prefix: string }
  | { readonly kind: 'files'; readonly volume: string; readonly path: string };
