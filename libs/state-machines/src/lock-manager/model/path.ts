/** Locks above one lock: more of them than this are refused. */
export const DEPTH_MAX = 32;

/** Names that begin so belong to elections and the like, and stand under no other. */
const FLAT = '@';

/**
 * The locks above this one, from the top: what stands before each slash of its name. `a/b/c` is below `a` and `a/b`; a
 * slash at the very beginning has nothing before it.
 */
export function ancestorsOf(lock: string): readonly string[] {
  if (lock.startsWith(FLAT)) return NONE;
  let at = lock.indexOf('/', 1);
  if (at < 0) return NONE;
  const ancestors: string[] = [];
  for (; at >= 0; at = lock.indexOf('/', at + 1)) ancestors.push(lock.slice(0, at));
  return ancestors;
}

const NONE: readonly string[] = [];
