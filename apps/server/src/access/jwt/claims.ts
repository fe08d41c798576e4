import { isWellFormed } from '@lockstep/vr-core';
import type { JWTPayload } from 'jose';
import type { ClaimSettings } from '../../config/settings/auth-settings';
import type { FileIdentity } from '../principal';
import { Unauthenticated } from '../refusal';
import type { Described } from '../rules';

/** Before the name that an issuer gives: nobody calls himself as somebody else, or as `local`, by a token. */
export const JWT_PREFIX = 'jwt:';
const NAME_BYTES_MAX = 256;
const GROUPS_MAX = 1_000;
const ID_MAX = 2 ** 32 - 2;
const GIDS_MAX = 64;

/** Whom a verified token describes. Throws `Unauthenticated` where a claim is not what it must be. */
export function describe(payload: JWTPayload, claims: ClaimSettings): Described {
  const { exp } = payload;
  if (exp === undefined) throw new Unauthenticated('claims');
  return {
    name: nameIn(payload[claims.principal]),
    groups: groupsIn(payload[claims.groups]),
    files: filesIn(payload, claims),
    expiresAtMs: exp * 1000,
  };
}

function nameIn(value: unknown): string {
  if (typeof value !== 'string' || value === '' || !isWellFormed(value))
    throw new Unauthenticated('claims');
  const name = `${JWT_PREFIX}${value}`;
  if (Buffer.byteLength(name) > NAME_BYTES_MAX || CONTROL.test(name))
    throw new Unauthenticated('claims');
  return name;
}

/** Names stand in logs and headers. */
const CONTROL = /\p{Cc}/u;

/** One of a token that belongs to none is left out; a lone one may be no list. */
function groupsIn(value: unknown): readonly string[] {
  const groups: unknown = typeof value === 'string' ? [value] : (value ?? []);
  if (!Array.isArray(groups) || groups.length > GROUPS_MAX) throw new Unauthenticated('claims');
  return groups.filter((group): group is string => typeof group === 'string');
}

function filesIn(payload: JWTPayload, { uid, gids }: ClaimSettings): FileIdentity | undefined {
  if (uid === undefined || payload[uid] === undefined) return undefined;
  const own = idIn(payload[uid]);
  const listed: unknown = gids === undefined ? undefined : payload[gids];
  if (listed === undefined) return { uid: own, gids: [own] };
  if (!Array.isArray(listed) || listed.length === 0 || listed.length > GIDS_MAX)
    throw new Unauthenticated('claims');
  return { uid: own, gids: listed.map(idIn) };
}

/** Root is nobody whom an issuer makes: that is `actFor` of a rule. */
function idIn(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > ID_MAX)
    throw new Unauthenticated('claims');
  return value;
}
