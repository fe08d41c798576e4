import {
  decodeLockAnswer,
  encodeLockQuery,
  LOCKS_SERVICE,
  type LockAnswer,
  type LockQuery,
} from '@lockstep/state-machines';
import type { Execution } from '@lockstep/vr-core';
import { holds } from '../violation';

type AnswerOf<K extends LockAnswer['kind']> = Extract<LockAnswer, { kind: K }>;

/** Once everything has been executed, whoever is first at a lock that nobody uses does not wait for it. (locks.md I10) */
export function checkNobodyWaitsInVain(execution: Execution): void {
  const waited = { prefix: '', state: 'waited', after: undefined, limit: 1_000 } as const;
  for (const { name } of ask(execution, { kind: 'locks', ...waited }).locks) {
    const lock = ask(execution, { kind: 'lock', name });
    holds(
      'locks I10 a free lock is granted',
      !isFree(lock) || !wantsNothingElse(execution, lock),
      () => `${String(lock.waiters[0]?.request)} waits for ${name}, which nobody uses`,
    );
  }
}

/** Nothing above it can be in the way, and nothing keeps it shut. */
function isFree({ name, uses, delayedUntilMs, semaphore, waiters }: AnswerOf<'lock'>): boolean {
  if (name.includes('/') || delayedUntilMs !== undefined) return false;
  const [first] = waiters;
  if (first?.mode !== 'permit') return uses.length === 0;
  const left = (semaphore?.limit ?? 0) - (semaphore?.used ?? 0);
  return uses.every(({ mode }) => mode === 'permit') && left >= first.permits;
}

function wantsNothingElse(execution: Execution, { waiters }: AnswerOf<'lock'>): boolean {
  const [first] = waiters;
  if (first === undefined || first.below) return false;
  const answer = ask(execution, { kind: 'request', request: first.request });
  return answer.items.length === 1;
}

function ask<K extends 'locks' | 'lock' | 'request'>(
  execution: Execution,
  query: Extract<LockQuery, { kind: K }>,
): AnswerOf<K> {
  const { bytes } = execution.read(LOCKS_SERVICE, encodeLockQuery(query), execution.clusterMs);
  return decodeLockAnswer(bytes) as AnswerOf<K>;
}
