import { compatible, intentOf } from '../model/compatibility';
import type { LockEvent } from '../events';
import { above } from './naive-rules';
import type { SoloLocks } from './solo-locks';

interface Use {
  readonly lock: string;
  readonly mode: Parameters<typeof intentOf>[0];
  readonly by: string;
}

/** What is wrong with the tables, judged by the queries alone, in words; nothing when all is well. */
export function brokenInvariants(locks: SoloLocks, names: readonly string[]): readonly string[] {
  return [...heldTwice(locks, names), ...freeAndWaited(locks, names), ...circles(locks)];
}

/** I1: owners hold a lock, and everything above it, only in modes that go together. */
function heldTwice(locks: SoloLocks, names: readonly string[]): readonly string[] {
  const uses = names.flatMap((name) => usesOf(locks, name));
  return uses.flatMap((one) =>
    uses
      .filter((other) => other.lock === one.lock && other.by !== one.by)
      .filter((other) => !compatible(one.mode, other.mode))
      .map(
        (other) => `I1: ${one.lock} is ${one.mode} of ${one.by} and ${other.mode} of ${other.by}`,
      ),
  );
}

function usesOf(locks: SoloLocks, name: string): readonly Use[] {
  const { holders } = locks.ask({ kind: 'lock', name });
  return holders.flatMap(({ holder: { session, owner, mode } }) => {
    const by = `${session}/${owner}`;
    const intents = above(name).map((lock) => ({ lock, mode: intentOf(mode), by }));
    return [{ lock: name, mode, by }, ...intents];
  });
}

/** I10: who is first everywhere and finds nothing in use does not wait. */
function freeAndWaited(locks: SoloLocks, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const { uses, waiters, delayedUntilMs } = locks.ask({ kind: 'lock', name });
    const [first] = waiters;
    if (first === undefined || first.below || uses.length > 0) return [];
    // Who wants more permits than a semaphore has left to it waits until it has them again.
    if (first.mode === 'permit' || delayedUntilMs !== undefined || name.includes('/')) return [];
    const answer = locks.ask({ kind: 'request', request: first.request });
    const isOnly = answer.kind === 'request' && answer.items.length === 1;
    return isOnly ? [`I10: ${first.request} waits for ${name}, which is free`] : [];
  });
}

/** I12: nobody waits for itself, however many are in between. */
function circles(locks: SoloLocks): readonly string[] {
  const { waits } = locks.ask({ kind: 'graph', after: undefined, limit: 1_000 });
  const next = new Map<string, Set<string>>();
  for (const { waiter, waitsFor } of waits) {
    const to = next.get(nameOf(waiter)) ?? new Set();
    for (const each of waitsFor) to.add(nameOf(each));
    next.set(nameOf(waiter), to);
  }
  const done = new Set<string>();
  const inCircle = (at: string, path: readonly string[]): boolean => {
    if (path.includes(at)) return true;
    if (done.has(at)) return false;
    const found = [...(next.get(at) ?? [])].some((to) => inCircle(to, [...path, at]));
    done.add(at);
    return found;
  };
  return [...next.keys()]
    .filter((at) => inCircle(at, []))
    .map((at) => `I12: ${at} waits for itself`);
}

function nameOf({ session, owner }: { readonly session: string; readonly owner: string }): string {
  return `${session}/${owner}`;
}

/** I2: every grant has a higher fence than all before it; one that keeps its fence is none. */
export function fencesRise(events: readonly LockEvent[]): boolean {
  const fences: bigint[] = [];
  for (const event of events) {
    if (event.kind !== 'lock.granted' && event.kind !== 'lock.converted') continue;
    if (event.kind === 'lock.granted' || !fences.includes(event.fence)) fences.push(event.fence);
  }
  return fences.every((fence, at) => at === 0 || fence > (fences[at - 1] ?? 0n));
}
