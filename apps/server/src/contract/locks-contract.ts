import { LOCKS_SERVICE } from '@lockstep/state-machines';
import { textOf } from './json';
import { showLockAnswer } from './lock-answers';
import { needsOfLockOperation, needsOfLockQuery } from './lock-needs';
import { readLockOperation } from './lock-operations';
import { isAsking, showLockOutcome } from './lock-outcomes';
import { readLockQuery } from './lock-queries';
import { OF_ADMINS, OF_READERS } from './ownership';
import type { ServiceContract } from './service-contract';

/** Locks, semaphores, elections, latches and barriers: all are the lock manager's. */
export const locksContract: ServiceContract = {
  service: LOCKS_SERVICE,
  needs: needsOfLockOperation,
  needsOfQuery: needsOfLockQuery,
  belonging({ kind, session, request }) {
    if (kind === 'session') return { session: textOf(session), otherwise: OF_READERS };
    return kind === 'request' ? { request: textOf(request), otherwise: OF_ADMINS } : undefined;
  },
  operation: readLockOperation,
  outcome: showLockOutcome,
  query: readLockQuery,
  answer: showLockAnswer,
  replayQuery: (op, { request }) => (isAsking(op) ? { kind: 'request', request } : undefined),
};
