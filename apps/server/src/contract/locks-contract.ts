import { LOCKS_SERVICE } from '@lockstep/state-machines';
import { everywhere } from '../access/need';
import { showLockAnswer } from './lock-answers';
import { readLockOperation } from './lock-operations';
import { isAsking, showLockOutcome } from './lock-outcomes';
import { readLockQuery } from './lock-queries';
import type { ServiceContract } from './service-contract';

/** Locks, semaphores, elections, latches and barriers: all are the lock manager's. */
export const locksContract: ServiceContract = {
  service: LOCKS_SERVICE,
  needs: () => [everywhere('client')],
  needsOfQuery: () => [everywhere('reader')],
  operation: readLockOperation,
  outcome: showLockOutcome,
  query: readLockQuery,
  answer: showLockAnswer,
  replayQuery: (op, { request }) => (isAsking(op) ? { kind: 'request', request } : undefined),
};
