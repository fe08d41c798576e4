import { firstOf } from './first-of';
import type { LockAnswer } from '../queries';
import { requestOf } from '../acquire/request';
import { nameKey, rowsOf } from '../model/keys';
import type { LockTables } from '../model/tables';

type AnswerOf<K extends LockAnswer['kind']> = Extract<LockAnswer, { kind: K }>;

export function inspectLatch(
  tables: LockTables,
  latch: string,
): AnswerOf<'latch'> | AnswerOf<'unknown-latch'> {
  const count = tables.latches.get(nameKey(latch));
  return count === undefined ? { kind: 'unknown-latch' } : { kind: 'latch', latch, count };
}

export function inspectBarrier(tables: LockTables, barrier: string): AnswerOf<'barrier'> {
  const row = tables.barriers.get(nameKey(barrier));
  const members = firstOf(tables.barrierMembers.in(rowsOf(barrier))).map(
    ([, { state, request }]) => {
      const { session, owner } = requestOf(tables, request);
      return { session, owner, state, request };
    },
  );
  const nobody = { parties: 0, entering: 0, inside: 0, leaving: 0 };
  return { kind: 'barrier', barrier, ...(row ?? nobody), members };
}
