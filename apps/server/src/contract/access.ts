import type { Need } from '../access/need';
import { missing } from '../access/permission';
import { hasExpired, type Principal } from '../access/principal';
import { Unauthenticated } from '../access/refusal';
import type { JsonObject } from './json';
import { Problem } from './problem';

/** Throws the problem that names what is missing. */
export function expectMay(principal: Principal, needs: readonly Need[]): void {
  if (hasExpired(principal)) throw new Unauthenticated('expired');
  const need = missing(principal, needs);
  if (need === undefined) return;
  throw new Problem(
    'forbidden',
    `${principal.name} may not do this: it takes the role ${need.role} on ${inWords(need.on)}.`,
    { principal: principal.name, needs: { role: need.role, ...membersOf(need.on) } },
  );
}

function inWords(on: Need['on']): string {
  if (on === 'everything') return 'the whole group';
  if (on === 'anything') return 'anything';
  return on.kind === 'locks'
    ? `locks that begin with ${JSON.stringify(on.prefix)}`
    : `${on.path} of volume ${on.volume}`;
}

function membersOf(on: Need['on']): JsonObject {
  if (typeof on === 'string') return {};
  return on.kind === 'locks' ? { locks: on.prefix } : { volume: on.volume, path: on.path };
}
