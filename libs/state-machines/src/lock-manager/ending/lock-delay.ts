import type { Execution } from '../model/execution';
import { nameKey } from '../model/keys';

/** How long locks that this session loses stay shut: as it was opened with, also when it has ended meanwhile. */
export function lockDelayOf({ tables, context }: Execution, session: string): number {
  const live = context.sessions.find(session);
  return live?.lockDelayMs ?? tables.endings.get(nameKey(session))?.lockDelayMs ?? 0;
}
