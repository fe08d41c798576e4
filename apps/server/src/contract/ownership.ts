import { everywhere, type Need } from '../access/need';
import { missing } from '../access/permission';
import type { Principal } from '../access/principal';
import { Problem } from './problem';

/** A session or a request that a query speaks of: its owner's alone, but for those who have what it takes `otherwise`. */
export interface Belonging {
  readonly session?: string | undefined;
  readonly request?: string | undefined;
  readonly otherwise: Need | undefined;
}

export const OF_READERS = everywhere('reader');
export const OF_ADMINS = everywhere('admin');

/** Who has opened a session; undefined when it is not there, or not any more. */
export type OwnerOf = (session: string) => string | undefined;

/** What has to be looked at: nothing when it is clear already that the principal need not be the owner. */
export function disputedOf(
  belonging: Belonging | undefined,
  principal: Principal,
): Belonging | undefined {
  const otherwise = belonging?.otherwise;
  const isClear = otherwise !== undefined && missing(principal, [otherwise]) === undefined;
  return isClear ? undefined : belonging;
}

/**
 * Of the state that the query was answered from. Throws `Problem`. A session that has ended has no owner any more, and
 * no handles and locks either: what is left of its requests is for admins.
 */
export function expectOwner(belonging: Belonging, { name }: Principal, ownerOf: OwnerOf): void {
  const { session, request } = belonging;
  if (request !== undefined) {
    const owner = ownerOfRequest(request, ownerOf);
    if (owner === undefined) throw new Problem('unknown-request');
    if (owner !== name) throw foreign('The request belongs to another principal.');
  }
  const owner = session === undefined ? undefined : ownerOf(session);
  if (owner !== undefined && owner !== name)
    throw foreign('The session belongs to another principal.');
}

/** `nameKey` of the core writes a session with a number, or a principal with a hash, which has no star in it. */
function ownerOfRequest(request: string, ownerOf: OwnerOf): string | undefined {
  const star = request.lastIndexOf('*');
  if (star >= 0) return request.slice(0, star);
  return ownerOf(request.split(NUMBER_MARK, 1)[0] ?? '');
}

const NUMBER_MARK = '#';

const foreign = (detail: string): Problem => new Problem('not-your-session', detail);
