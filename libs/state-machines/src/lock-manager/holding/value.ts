import type { Mode } from '../model/compatibility';
import { publish } from '../events';
import { checkSession, type Execution } from '../model/execution';
import type { SetValue } from '../operations';
import type { LockOutcome } from '../outcomes';
import { ownHold } from './own-hold';
import { nameKey } from '../model/keys';
import type { HoldRow } from '../model/tables';

/** Value blocks in all. */
const VALUES_MAX = 100_000;

/** Modes that no other owner can hold beside, so that one value follows another. */
const WRITING: readonly Mode[] = ['exclusive', 'update', 'shared-intent-exclusive'];

export function setValue(execution: Execution, asked: SetValue): LockOutcome {
  const problem = checkSession(execution, asked.session);
  if (problem !== undefined) return { kind: problem };
  const { lock, fence, value } = asked;
  const found = ownHold(execution.tables, asked, lock, fence);
  if ('refusal' in found) return found.refusal;
  return writeValue(execution, lock, found.hold, fence, value) ?? { kind: 'value-set' };
}

/**
 * Writes the value block of a lock: a few bytes that the next holder finds, kept when nobody holds the lock. None at all
 * takes it away. Returns why not. (the value block of VMS's lock manager; a small file's content in Chubby)
 */
export function writeValue(
  { tables, context }: Execution,
  lock: string,
  { mode }: HoldRow,
  fence: bigint,
  value: Uint8Array,
): LockOutcome | undefined {
  if (!WRITING.includes(mode)) return { kind: 'not-a-writer', mode };
  const at = nameKey(lock);
  if (value.length === 0) {
    tables.values.delete(at);
  } else {
    if (tables.values.size >= VALUES_MAX && tables.values.get(at) === undefined) {
      return { kind: 'limit-reached', limit: 'values', max: VALUES_MAX };
    }
    tables.values.put(at, { value, fence, atMs: context.clusterMs });
  }
  publish(context, { kind: 'lock.value', lock, fence });
  return undefined;
}
