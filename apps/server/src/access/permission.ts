import type { Grant, Part } from './grant';
import type { Need } from './need';
import type { Principal } from './principal';
import { includes } from './role';

/** The first of the needs that no grant covers; undefined when all are covered. */
export const missing = (principal: Principal, needs: readonly Need[]): Need | undefined =>
  needs.find((need) => !principal.grants.some((grant) => covers(grant, need)));

function covers({ role, on }: Grant, need: Need): boolean {
  if (!includes(role, need.role)) return false;
  if (on === undefined || need.on === 'anything') return true;
  return need.on !== 'everything' && contains(on, need.on);
}

function contains(part: Part, inner: Part): boolean {
  if (part.kind === 'locks') return inner.kind === 'locks' && inner.prefix.startsWith(part.prefix);
  return inner.kind === 'files' && inner.volume === part.volume && isUnder(inner.path, part.path);
}

/** Whole names: `/a` is not over `/ab`. */
const isUnder = (path: string, top: string): boolean =>
  path === top || path.startsWith(top.endsWith('/') ? top : `${top}/`);
