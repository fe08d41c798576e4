import type { Part } from './grant';
import type { Role } from './role';

/** What a request is about, and the role that it takes there. */
export interface Need {
  readonly role: Role;
  readonly on: Part | 'anything' | 'everything';
}

/** A grant on any part will do: for what belongs to nobody's part, such as a session of one's own. */
export const anywhere = (role: Role): Need => ({ role, on: 'anything' });
/** Only a grant on the whole group will do. */
export const everywhere = (role: Role): Need => ({ role, on: 'everything' });
export const onFiles = (role: Role, volume: string, path: string): Need => ({
  role,
  on: { kind: 'files', volume, path },
});
export const onLock = (role: Role, lock: unknown): Need => ({
  role,
  // What is no text is refused later, by its field; until then it is no name that a grant could cover.
  on: typeof lock === 'string' ? { kind: 'locks', prefix: lock } : 'anything',
});
