import { MAIN_VOLUME } from '@lockstep/state-machines';
import { onFiles } from '../../access/need';
import type { FileIdentity, Principal } from '../../access/principal';
import { includes, type Role } from '../../access/role';
import { expectMay } from '../access';
import { isObject, type JsonObject, type JsonValue } from '../json';
import { malformed, Problem } from '../problem';

/**
 * The request as its principal may make it: with the caller that he is, confined to the paths that he has been granted.
 * The service keeps him there: it alone knows where links, numbers and handles lead. Throws `Problem`.
 */
export function actingOnFiles(request: JsonObject, principal: Principal, role: Role): JsonObject {
  const { volume = MAIN_VOLUME, caller } = request;
  if (typeof volume !== 'string') throw malformed('volume', 'must be a name');
  const within = topsOf(principal, volume, role);
  if (principal.caller === undefined && within === undefined) return request;
  if (caller !== undefined && !isObject(caller)) throw malformed('caller', 'must be an object');
  const given: JsonObject = caller ?? {};
  if (given['within'] !== undefined && within !== undefined)
    throw malformed('caller.within', 'is for those who have the whole volume');
  const acting = { ...given, ...identityOf(principal, given), ...(within && { within }) };
  return { ...request, caller: acting };
}

/** The paths that are granted; undefined when that is the whole volume. */
function topsOf(principal: Principal, volume: string, role: Role): readonly string[] | undefined {
  const tops: string[] = [];
  for (const { role: held, on } of principal.grants) {
    if (!includes(held, role)) continue;
    if (on === undefined) return undefined;
    if (on.kind !== 'files' || on.volume !== volume) continue;
    if (on.path === '/') return undefined;
    tops.push(on.path);
  }
  if (tops.length === 0) expectMay(principal, [onFiles(role, volume, '/')]);
  return tops;
}

/** Who is not trusted to speak for others is who his token says, in as many of his groups as he likes. */
function identityOf({ caller: own, name }: Principal, { uid, gids }: JsonObject): JsonObject {
  if (own === undefined) return {};
  if (uid !== undefined && uid !== own.uid) throw impostor(name, 'caller.uid', own);
  if (gids !== undefined && !areOf(gids, own.gids)) throw impostor(name, 'caller.gids', own);
  return { uid: own.uid, gids: gids ?? own.gids };
}

const areOf = (gids: JsonValue, own: readonly number[]): boolean =>
  Array.isArray(gids) && gids.every((gid) => own.includes(gid as number));

const impostor = (name: string, field: string, { uid, gids }: FileIdentity): Problem =>
  new Problem(
    'forbidden',
    `${name} is uid ${uid} in groups ${gids.join(', ')} among files, and may act for nobody else.`,
    { principal: name, field },
  );
