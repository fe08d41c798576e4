import type { ReadContext } from '@lockstep/vr-core';
import { inspectBarrier, inspectLatch } from './inspect-barriers';
import { inspectGraph } from './inspect-graph';
import { checkSequencers, inspectRequest, inspectSession } from './inspect-grants';
import { inspectLock, listLocks } from './inspect-lock';
import type { LockAnswer, LockQuery } from '../queries';
import type { LockTables } from '../model/tables';

/** What the service `locks` answers to a query. Deadlines are shown as they stand: a reading decides nothing. (decision 37) */
export function inspect(tables: LockTables, query: LockQuery, context: ReadContext): LockAnswer {
  switch (query.kind) {
    case 'lock':
      return inspectLock(tables, query.name, context);
    case 'locks':
      return listLocks(tables, query);
    case 'request':
      return inspectRequest(tables, query.request);
    case 'check':
      return checkSequencers(tables, query, context);
    case 'session':
      return inspectSession(tables, query.session);
    case 'graph':
      return inspectGraph(tables, query);
    case 'latch':
      return inspectLatch(tables, query.latch);
    case 'barrier':
      return inspectBarrier(tables, query.barrier);
  }
}
