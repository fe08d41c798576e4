import {
  byteString,
  decode,
  encode,
  integer,
  struct,
  union,
  type ShapeOf,
} from '@lockstep/vr-core';
import { labelShape } from '../wire/arguments';
import { KIND, type ExtraTable } from './extra-table';
import type { Ino } from './inode-type';
import { SESSION_KEY_BYTES } from './session-key';

const clusterTime = integer();

/** How long an inode lives that has the mark `ephemeral` or `ttl`. */
const lifespanShape = union({
  /** As long as a session, whose key it is. */
  ephemeral: struct({ session: byteString(SESSION_KEY_BYTES) }),
  /** Until nothing has changed it for so long. It is looked at when `dueMs` has come, and goes then or later. */
  ttl: struct({ ttlMs: clusterTime, dueMs: clusterTime, changedMs: clusterTime }),
});
export type Lifespan = ShapeOf<typeof lifespanShape>;

/** Of an inode that goes by itself; its key says when and which. */
export const transientShape = struct({ volume: labelShape });
export type Transient = ShapeOf<typeof transientShape>;

export function readLifespan(extra: ExtraTable, ino: Ino): Lifespan {
  const bytes = extra.get(ino, KIND.life);
  if (bytes === undefined) throw new Error(`nothing says how long inode ${ino} lives`);
  return decode(lifespanShape, bytes);
}

export function writeLifespan(extra: ExtraTable, ino: Ino, span: Lifespan): void {
  extra.put(ino, KIND.life, encode(lifespanShape, span));
}

/** What lives for a time after its last change has been changed. */
export function renewLifespan(extra: ExtraTable, ino: Ino, nowMs: number): void {
  const span = readLifespan(extra, ino);
  if (span.kind === 'ttl') writeLifespan(extra, ino, { ...span, changedMs: nowMs });
}
