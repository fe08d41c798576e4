import { clusterMs, key, keyU64, readKeyU64, type ByteString } from '@lockstep/vr-core';
import { ExtraTable } from '../model/extra-table';
import { TIMER, type Hook } from '../model/hook';
import type { Inode } from '../model/inode';
import type { Ino } from '../model/inode-type';
import { readLifespan, writeLifespan, type Lifespan, type Transient } from '../model/lifespan';
import { SESSION_KEY_BYTES } from '../model/session-key';
import type { FileTables } from '../model/tables';

/** What goes by itself, in the order in which it is looked for: by session, or by time. */

const ALL = '' as ByteString;
const TIME_BYTES = 8;

type Ttl = Extract<Lifespan, { kind: 'ttl' }>;

/** An inode that goes by itself, and where that is noted. */
export interface Due extends Transient {
  readonly ino: Ino;
  readonly at: ByteString;
}

export function putEphemeral(
  tables: FileTables,
  ino: Ino,
  session: ByteString,
  volume: string,
): void {
  tables.ephemerals.put(key(session, keyU64(ino)), { volume });
  writeLifespan(new ExtraTable(tables), ino, { kind: 'ephemeral', session });
}

export function firstEphemeral({ ephemerals }: FileTables, session: ByteString): Due | undefined {
  const found = ephemerals.firstIn(session);
  if (found === undefined) return undefined;
  return { ...found[1], at: found[0], ino: readKeyU64(found[0], SESSION_KEY_BYTES) };
}

/** Looked at when its time after the last change is over, as it seems now. */
export function putExpiry({ tables, context }: Hook, ino: Ino, span: Ttl, volume: string): void {
  tables.expiries.put(expiryKey(span.dueMs, ino), { volume });
  writeLifespan(new ExtraTable(tables), ino, span);
  armExpiry({ tables, context });
}

/** What is to be looked at first, when its time has come. */
export function firstExpiry({ expiries }: FileTables, nowMs: number): Due | undefined {
  const found = expiries.firstIn(ALL);
  if (found === undefined || readKeyU64(found[0], 0) > nowMs) return undefined;
  return { ...found[1], at: found[0], ino: readKeyU64(found[0], TIME_BYTES) };
}

/** One timer for all: it may run out in vain when what it was for has gone otherwise. */
export function armExpiry({ tables, context }: Hook): void {
  const found = tables.expiries.firstIn(ALL);
  if (found !== undefined)
    context.timers.set(TIMER.ttl as ByteString, clusterMs(readKeyU64(found[0], 0)));
}

/** An inode that would have gone by itself has gone. */
export function forgetTransient(tables: FileTables, { ino }: Inode): void {
  const span = readLifespan(new ExtraTable(tables), ino);
  if (span.kind === 'ephemeral') tables.ephemerals.delete(key(span.session, keyU64(ino)));
  else tables.expiries.delete(expiryKey(span.dueMs, ino));
}

const expiryKey = (dueMs: number, ino: Ino): ByteString => key(keyU64(dueMs), keyU64(ino));
