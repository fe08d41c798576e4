import type { Operation } from '@lockstep/client';
import { show } from './byte-path';
import { byPlace, type JournalLine } from './journal';
import type { ExpectedTree } from './tree';

export interface Work {
  readonly acknowledged: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly refused: number;
  readonly unknown: number;
  readonly sessionsLost: number;
  readonly faults: readonly string[];
}

interface Done {
  readonly op: Operation;
  readonly place: string;
}

/**
 * Puts every acknowledged operation into the expected tree, in the order of the log. An acknowledged operation that
 * could not have been done, a refusal under the lock, a read that missed what was acknowledged: each is a fault.
 */
export function replay(journals: readonly JournalLine[][], tree: ExpectedTree): Work {
  const faults: string[] = [];
  const done: Done[] = [];
  let [refused, unknown, sessionsLost] = [0, 0, 0];
  for (const journal of journals) {
    const asked = new Map<number, Operation>();
    for (const line of journal) {
      if (line.kind === 'asked') asked.set(line.n, line.op);
      if (line.kind === 'done') done.push({ op: asked.get(line.n)!, place: line.op });
      if (line.kind === 'session-lost') sessionsLost++;
      if (line.kind === 'unknown') unknown++;
      if (line.kind === 'refused') {
        refused++;
        faults.push(`${describe(asked.get(line.n)!)} was refused under its lock: ${line.code}`);
      }
      if (line.kind === 'unseen') {
        faults.push(`a read did not show ${describe(asked.get(line.n)!)}: ${line.code}`);
      }
    }
  }
  done.sort((a, b) => byPlace(a.place, b.place));
  const byKind: Record<string, number> = {};
  for (const { op, place } of done) {
    byKind[op.kind] = (byKind[op.kind] ?? 0) + 1;
    const impossible = tree.apply(op);
    if (impossible !== undefined) {
      faults.push(`${describe(op)} was acknowledged at ${place} and could not be: ${impossible}`);
    }
  }
  if (unknown > 0) faults.push(`${unknown} operations have no known outcome`);
  return { acknowledged: done.length, byKind, refused, unknown, sessionsLost, faults };
}

const describe = (op: Operation): string =>
  [op.kind, op['path'], op['from'], op['to']]
    .filter((part) => typeof part === 'string')
    .map(show)
    .join(' ');
