import type { NaiveHold, NaiveObstacle, NaiveRequest } from './naive-rules';
import type { Acquire, Item } from '../operations';

type Term = 'priority' | 'victim' | 'waitMs' | 'claimMs' | 'minHoldMs' | 'maxHoldMs';

/** A request as it begins. */
export function requestOf(
  asked: Pick<Acquire, 'request' | 'session' | 'owner'>,
  kind: NaiveRequest['kind'],
  items: readonly { lock: string; mode: Item['mode']; permits: number }[],
  terms: Partial<Pick<Acquire, Term>>,
  { asked: at, nowMs }: { asked: number; nowMs: number },
): NaiveRequest {
  return {
    name: asked.request,
    kind,
    state: 'queued',
    session: asked.session,
    owner: asked.owner,
    items: items.map(({ lock, mode, permits }) => ({ lock, mode, permits, fence: undefined })),
    priority: terms.priority ?? 0,
    at,
    victim: terms.victim ?? 'requester',
    waitUntilMs: nowMs + (terms.waitMs ?? Infinity),
    claimUntilMs: Infinity,
    holdUntilMs: Infinity,
    claimMs: terms.claimMs ?? Infinity,
    minHoldMs: terms.minHoldMs ?? 0,
    maxHoldMs: terms.maxHoldMs ?? Infinity,
    converts: undefined,
  };
}

/** First words of answers to what was not turned down. */
export const CHANGES = [
  'granted',
  'queued',
  'finished',
  'released',
  'already-released',
  'cancelled',
  'claimed',
  'value-set',
  'limit-set',
  'break-requested',
  'broken',
  'transferred',
];

export function staleFence(holds: readonly NaiveHold[]): string {
  const [lowest] = holds.map(({ fence }) => fence).sort((a, b) => (a < b ? -1 : 1));
  return lowest === undefined ? 'not-held' : `stale-fence ${lowest}`;
}

export function refusalOf(obstacles: readonly NaiveObstacle[]): string {
  return obstacles.map(({ why, lock }) => `${why} ${lock}`).join('|');
}

export function namesOf(circles: NaiveRequest[][]): string[] {
  return circles.map((each) => each.map(({ session, owner }) => `${session} ${owner}`).join());
}

/** Two who hold a lock and want more of it, each in the other's way, have a word of their own. */
export function wordFor(circle: NaiveRequest[], asked: NaiveRequest): string {
  const isAnother = ({ kind, items, session, owner }: NaiveRequest): boolean =>
    kind === 'conversion' &&
    items[0]?.lock === asked.items[0]?.lock &&
    (session !== asked.session || owner !== asked.owner);
  return asked.kind === 'conversion' && circle.some(isAnother) ? 'upgrade-conflict' : 'deadlock';
}

/** Whoever has closed a circle counts as one of it, or not when another request of its owner is in it already. */
export function victimsOf(circle: NaiveRequest[], asked: NaiveRequest): NaiveRequest[] {
  if (asked.victim === 'requester') return [asked];
  const rank = (each: NaiveRequest): number => (asked.victim === 'youngest' ? 0 : each.priority);
  const worstOf = (all: NaiveRequest[]): NaiveRequest | undefined =>
    [...all].sort((a, b) => rank(a) - rank(b) || b.at - a.at)[0];
  return [worstOf(circle) ?? asked, worstOf([...circle, asked]) ?? asked];
}
