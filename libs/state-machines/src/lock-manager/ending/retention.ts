import type { Execution } from '../model/execution';
import type { FinishedState } from '../outcomes';
import { finishedKey, nameKey } from '../model/keys';
import type { RequestRow } from '../model/tables';

/** Finished requests that a session can still ask about. (decision 29) */
const FINISHED_PER_SESSION_MAX = 256;

/**
 * The request neither waits nor holds any more; a conversion that was granted is part of what it converted. Its row stays
 * for a client that asks later what became of it, until the session ends or as many younger ones have finished.
 */
export function finish(
  { tables, context }: Execution,
  name: string,
  request: RequestRow,
  state: FinishedState | 'granted',
): void {
  const { session } = request;
  const count = (tables.sessions.get(nameKey(session)) ?? 0) + 1;
  tables.requests.put(nameKey(name), { ...request, state, note: '', sinceMs: context.clusterMs });
  tables.finished.put(finishedKey(session, count), name);
  tables.sessions.put(nameKey(session), count);

  const outlived = count - FINISHED_PER_SESSION_MAX;
  if (outlived < 1) return;
  const oldest = tables.finished.get(finishedKey(session, outlived));
  tables.finished.delete(finishedKey(session, outlived));
  if (oldest !== undefined) tables.requests.delete(nameKey(oldest));
}

/** A request that ends with its session leaves no row: nobody is left who may ask for it. */
export function forget({ tables }: Execution, name: string): void {
  tables.requests.delete(nameKey(name));
}

/** Nothing is remembered of a session that is gone. (locks.md I7) */
export function forgetFinished({ tables }: Execution, session: string): void {
  const count = tables.sessions.get(nameKey(session)) ?? 0;
  for (let at = Math.max(1, count - FINISHED_PER_SESSION_MAX + 1); at <= count; at += 1) {
    const name = tables.finished.get(finishedKey(session, at));
    tables.finished.delete(finishedKey(session, at));
    if (name !== undefined) tables.requests.delete(nameKey(name));
  }
  tables.sessions.delete(nameKey(session));
}
