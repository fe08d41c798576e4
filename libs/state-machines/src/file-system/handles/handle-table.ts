import { afterPrefix, key, keyU64, readKeyU64, type ByteString } from '@lockstep/vr-core';
import { nextNumber } from '../model/counter';
import { getU64, putU64 } from '../model/fixed-width';
import type { Handle } from '../model/handle';
import type { Ino } from '../model/inode-type';
import { SESSION_KEY_BYTES } from '../model/session-key';
import type { FileTables } from '../model/tables';

/**
 * Handles one session may have at once: a table of descriptors of POSIX has its end too (`OPEN_MAX`). A request without
 * a session opens at most as many as it has operations.
 */
export const HANDLES_MAX = 4_096;

const NEXT_HANDLE = 'nextHandle' as ByteString;
const COUNT_BYTES = 8;
const NOTHING = new Uint8Array(0);

/** A handle and where it is kept. `session` is the key of a session. */
export interface HandleEntry {
  readonly session: ByteString;
  readonly number: number;
  readonly handle: Handle;
}

export function findHandle(
  { handles }: FileTables,
  session: ByteString,
  number: number,
): Handle | undefined {
  return handles.get(handleKey(session, number));
}

/** The handle of a session with the lowest number. */
export function firstHandle({ handles }: FileTables, session: ByteString): HandleEntry | undefined {
  const found = handles.firstIn(session);
  if (found === undefined) return undefined;
  return { session, number: readKeyU64(found[0], SESSION_KEY_BYTES), handle: found[1] };
}

/** Its number: none is used twice, so that one that was closed never means another file. */
export function putHandle(tables: FileTables, session: ByteString, handle: Handle): number {
  const number = nextNumber(tables.counters, NEXT_HANDLE, 1);
  tables.handles.put(handleKey(session, number), handle);
  tables.opens.put(openKey({ session, number, handle }), NOTHING);
  putCount(tables, session, countOf(tables, session) + 1);
  return number;
}

export function deleteHandle(tables: FileTables, entry: HandleEntry): void {
  tables.handles.delete(handleKey(entry.session, entry.number));
  tables.opens.delete(openKey(entry));
  putCount(tables, entry.session, countOf(tables, entry.session) - 1);
}

export const hasRoom = (tables: FileTables, session: ByteString): boolean =>
  countOf(tables, session) < HANDLES_MAX;

/** True while anybody, or that session, has it open. */
export function isOpen({ opens }: FileTables, ino: Ino, session = '' as ByteString): boolean {
  const prefix = key(keyU64(ino), session);
  for (const _ of opens.range(prefix, afterPrefix(prefix))) return true;
  return false;
}

function countOf({ openers }: FileTables, session: ByteString): number {
  const count = openers.get(session);
  return count === undefined ? 0 : getU64(count, 0);
}

function putCount({ openers }: FileTables, session: ByteString, count: number): void {
  if (count === 0) {
    openers.delete(session);
    return;
  }
  const bytes = new Uint8Array(COUNT_BYTES);
  putU64(bytes, 0, count);
  openers.put(session, bytes);
}

const handleKey = (session: ByteString, number: number): ByteString => key(session, keyU64(number));

const openKey = ({ session, number, handle }: HandleEntry): ByteString =>
  key(keyU64(handle.ino), session, keyU64(number));
