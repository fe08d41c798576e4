import { byPlace, type JournalLine } from './journal';

export interface LockVerdict {
  readonly grants: number;
  readonly faults: readonly string[];
}

/** One grant and what was done under it. */
interface Hold {
  readonly lock: string;
  readonly fence: bigint;
  readonly grantedAtMs: number;
  readonly grantedAt: string | undefined;
  /** Places of the operations done under it. */
  readonly operations: string[];
  releasingAtMs: number | undefined;
  releasedAt: string | undefined;
}

/**
 * No two holders of one lock at once, told three ways: by the clock of the machine (one stopped acting before the next
 * began), by the order of the log (release before grant), and by what was done (all operations under one fence before
 * all under a higher one). And fences rise over all grants of all locks.
 */
export function verifyLocks(journals: readonly JournalLine[][]): LockVerdict {
  const holds = journals.flatMap(holdsOf);
  const faults: string[] = [];
  const byLock = new Map<string, Hold[]>();
  for (const hold of holds) byLock.set(hold.lock, [...(byLock.get(hold.lock) ?? []), hold]);
  for (const ofOne of byLock.values()) {
    ofOne.sort((a, b) => (a.fence < b.fence ? -1 : 1));
    for (const [n, hold] of ofOne.entries()) {
      const next = ofOne[n + 1];
      if (next !== undefined) faults.push(...overlaps(hold, next));
    }
  }
  const placed = holds.filter(({ grantedAt }) => grantedAt !== undefined);
  placed.sort((a, b) => byPlace(a.grantedAt!, b.grantedAt!) || (a.fence < b.fence ? -1 : 1));
  for (const [n, hold] of placed.entries()) {
    const next = placed[n + 1];
    if (next !== undefined && next.fence <= hold.fence) {
      faults.push(`the fence fell from ${hold.fence} to ${next.fence} at ${next.grantedAt}`);
    }
  }
  return { grants: holds.length, faults };
}

function overlaps(hold: Hold, next: Hold): string[] {
  const who = `${hold.lock}: fence ${hold.fence} and ${next.fence}`;
  const faults: string[] = [];
  if (hold.fence === next.fence) faults.push(`${who} are the same`);
  // A holder whose session ended never came to release: only the log tells when.
  if (hold.releasingAtMs !== undefined && hold.releasingAtMs > next.grantedAtMs) {
    faults.push(`${who} were held at the same time`);
  }
  const last = hold.operations.sort(byPlace).at(-1);
  const first = next.operations.sort(byPlace)[0];
  if (last !== undefined && first !== undefined && byPlace(last, first) >= 0) {
    faults.push(`${who}: ${last} was done under the lower, ${first} under the higher`);
  }
  const { releasedAt } = hold;
  const { grantedAt } = next;
  if (releasedAt !== undefined && grantedAt !== undefined && byPlace(releasedAt, grantedAt) > 0) {
    faults.push(`${who}: released at ${releasedAt}, granted at ${grantedAt}`);
  }
  return faults;
}

function holdsOf(journal: readonly JournalLine[]): Hold[] {
  const holds = new Map<string, Hold>();
  const asked = new Map<number, readonly string[]>();
  for (const line of journal) {
    switch (line.kind) {
      case 'granted':
        holds.set(line.fence, {
          lock: line.lock,
          fence: BigInt(line.fence),
          grantedAtMs: line.atMs,
          grantedAt: line.op,
          operations: [],
          releasingAtMs: undefined,
          releasedAt: undefined,
        });
        break;
      case 'asked':
        asked.set(line.n, line.fences);
        break;
      case 'done':
        for (const fence of asked.get(line.n) ?? []) holds.get(fence)?.operations.push(line.op);
        break;
      case 'releasing':
        holds.get(line.fence)!.releasingAtMs = line.atMs;
        break;
      case 'released':
        holds.get(line.fence)!.releasedAt = line.op;
        break;
      default:
        break;
    }
  }
  return [...holds.values()];
}
