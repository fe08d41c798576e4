import { compatible, covers, coversBelow, intentOf, type Mode } from '../model/compatibility';

/**
 * What stands in whose way, in the plainest words: lists, and functions that walk all over them. Written from the page of
 * semantics and not from the lock manager; nothing but tests uses it.
 */
export interface NaiveOwner {
  session: string;
  owner: string;
}

interface Want {
  lock: string;
  mode: Mode;
  permits: number;
}

export interface NaiveHold extends NaiveOwner, Want {
  /** The one that was granted, and those on top of it. */
  requests: string[];
  fence: bigint;
  sinceMs: number;
  breakAtMs: number;
}

export interface NaiveRequest extends NaiveOwner {
  name: string;
  kind: 'locks' | 'nested' | 'conversion';
  state: string;
  items: (Want & { fence: bigint | undefined })[];
  priority: number;
  /** Which operation it was. */
  at: number;
  victim: string;
  waitUntilMs: number;
  claimUntilMs: number;
  holdUntilMs: number;
  claimMs: number;
  minHoldMs: number;
  maxHoldMs: number;
  /** Of a conversion: the fence of what it converts. */
  converts: bigint | undefined;
}

export interface NaiveState {
  holds: NaiveHold[];
  requests: NaiveRequest[];
  delays: { lock: string; mode: Mode; untilMs: number }[];
  semaphores: Map<string, { limit: number; pinned: boolean }>;
}

export interface NaiveObstacle {
  lock: string;
  why: 'lock-held' | 'lock-delay' | 'lock-waited';
  by: NaiveOwner[];
}

export function isSame(one: NaiveOwner, other: NaiveOwner): boolean {
  return one.session === other.session && one.owner === other.owner;
}

/** `a` and `a/b` of `a/b/c`. */
export function above(lock: string): string[] {
  if (lock.startsWith('@')) return [];
  const parts = lock.split('/');
  return parts.map((_, n) => parts.slice(0, n).join('/')).filter((name) => name !== '');
}

/** Each lock with everything above it. */
export function withAbove<T extends Want>(wants: T[]): T[] {
  return wants.flatMap((want) => [
    want,
    ...above(want.lock).map((lock) => ({ ...want, lock, mode: intentOf(want.mode), permits: 0 })),
  ]);
}

/** Those who wait, in order: conversions, then by priority, then as they came. */
export function queueOf({ requests }: NaiveState): NaiveRequest[] {
  const rank = (request: NaiveRequest): number =>
    request.kind === 'conversion' ? -1_000 : -request.priority;
  return requests
    .filter(({ state }) => state === 'queued')
    .sort((a, b) => rank(a) - rank(b) || a.at - b.at);
}

/** Those who want this lock or one below it, in order. */
export function queueAt(state: NaiveState, lock: string): NaiveRequest[] {
  return queueOf(state).filter(({ items }) => withAbove(items).some((want) => want.lock === lock));
}

export function usedPermits({ holds }: NaiveState, lock: string): number {
  const permits = holds.filter((hold) => hold.lock === lock && hold.mode === 'permit');
  return permits.reduce((sum, hold) => sum + hold.permits, 0);
}

function isCovered({ holds }: NaiveState, owner: NaiveOwner, { lock, mode }: Want): boolean {
  if (mode === 'permit') return false;
  const own = holds.filter((hold) => isSame(hold, owner));
  return (
    withAbove(own).some((use) => use.lock === lock && covers(use.mode, mode)) ||
    own.some((hold) => above(lock).includes(hold.lock) && coversBelow(hold.mode, mode))
  );
}

/** Everything that keeps a request from being granted now. */
export function obstaclesOf(state: NaiveState, asked: NaiveRequest): NaiveObstacle[] {
  const queue = queueOf(state);
  const earlier = queue.includes(asked) ? queue.slice(0, queue.indexOf(asked)) : queue;
  return withAbove(asked.items)
    .filter((want) => !isCovered(state, asked, want))
    .flatMap((want) => [
      ...held(state, asked, want),
      ...delayed(state, want),
      ...waited(earlier, asked, want),
    ]);
}

function held(state: NaiveState, asked: NaiveOwner, want: Want): NaiveObstacle[] {
  const { lock } = want;
  const users = withAbove(state.holds).filter(
    (use) => use.lock === lock && !isSame(use, asked) && !compatible(use.mode, want.mode),
  );
  if (users.length > 0) return [{ lock, why: 'lock-held', by: users }];
  const limit = state.semaphores.get(lock)?.limit ?? 0;
  if (want.mode !== 'permit' || usedPermits(state, lock) + want.permits <= limit) return [];
  const others = state.holds.filter((hold) => hold.lock === lock && !isSame(hold, asked));
  return [{ lock, why: 'lock-held', by: others.filter((hold) => hold.mode === 'permit') }];
}

function delayed({ delays }: NaiveState, { lock, mode }: Want): NaiveObstacle[] {
  const running = delays.some((delay) => delay.lock === lock && !compatible(delay.mode, mode));
  return running ? [{ lock, why: 'lock-delay', by: [] }] : [];
}

function waited(earlier: NaiveRequest[], asked: NaiveOwner, want: Want): NaiveObstacle[] {
  const inFront = earlier.filter(({ items }) =>
    withAbove(items).some(
      ({ lock, mode }) =>
        lock === want.lock &&
        (!compatible(mode, want.mode) || (mode === 'permit' && want.mode === 'permit')),
    ),
  );
  const others = inFront.filter((other) => !isSame(other, asked));
  return inFront.length > 0 ? [{ lock: want.lock, why: 'lock-waited', by: others }] : [];
}

/**
 * All circles of waiting requests in which each waits for the owner of the next, and the last for the first: this owner,
 * by whatever it waits for.
 */
export function circlesOf(state: NaiveState, asking: NaiveOwner): NaiveRequest[][] {
  const found: NaiveRequest[][] = [];
  const waitsOf = (owner: NaiveOwner) => queueOf(state).filter((wait) => isSame(wait, owner));
  const walk = (path: NaiveRequest[], last: NaiveRequest): void => {
    for (const next of obstaclesOf(state, last).flatMap(({ by }) => by)) {
      if (isSame(next, last)) continue;
      if (isSame(next, asking)) found.push(path);
      else if (!path.some((step) => isSame(step, next))) {
        for (const wait of waitsOf(next)) walk([...path, wait], wait);
      }
    }
  };
  for (const wait of waitsOf(asking)) walk([wait], wait);
  return found;
}
