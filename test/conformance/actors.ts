import type { Actor } from './conformance-case';

/** The people of the cases. Whatever is owned by somebody is `OWNER`'s and of the group `GROUP`, unless it says else. */
export const GROUP = 2000;
/** Another group of the owner's. */
export const SECOND_GROUP = 2001;
/** A group that nobody of them is in. */
export const STRANGE_GROUP = 2999;

export const ROOT: Actor = { uid: 0, gids: [0], umask: 0 };
export const OWNER: Actor = { uid: 1001, gids: [1001, GROUP, SECOND_GROUP], umask: 0 };
/** The group is his effective one. */
export const IN_GROUP: Actor = { uid: 1002, gids: [GROUP, 1002], umask: 0 };
/** The group is one of his supplementary ones. */
export const MEMBER: Actor = { uid: 1003, gids: [1003, 1900, GROUP], umask: 0 };
export const OTHER: Actor = { uid: 1004, gids: [1004], umask: 0 };
/** Owns, and is not in the group of what he owns. */
export const LONE_OWNER: Actor = { uid: 1001, gids: [1001], umask: 0 };
/** What a machine without root lets us be as well. */
export const PLAIN: Actor = { uid: 1001, gids: [1001], umask: 0 };

export const NAMES: ReadonlyMap<Actor, string> = new Map([
  [ROOT, 'root'],
  [OWNER, 'its owner'],
  [IN_GROUP, 'somebody of its group'],
  [MEMBER, 'a supplementary member of its group'],
  [OTHER, 'another'],
  [LONE_OWNER, 'its owner from outside its group'],
  [PLAIN, 'a plain user'],
]);

/** By the name that the cases call an actor. */
export function nameOf(actor: Actor): string {
  const name = NAMES.get(actor);
  if (name === undefined) throw new Error(`nobody knows ${JSON.stringify(actor)}`);
  return name;
}
