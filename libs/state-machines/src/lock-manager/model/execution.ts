import type { ApplyContext } from '@lockstep/vr-core';
import type { LockTables } from './tables';

/** One operation, or one hook, while it is executed. */
export interface Execution {
  readonly tables: LockTables;
  readonly context: ApplyContext;
}

/** Why whoever asks may not act for that session; undefined when it is live and theirs. (decision 30) */
export function checkSession(
  { context }: Execution,
  session: string,
): 'session-expired' | 'not-your-session' | undefined {
  const found = context.sessions.find(session);
  if (found === undefined) return 'session-expired';
  return found.principal === context.principal ? undefined : 'not-your-session';
}
