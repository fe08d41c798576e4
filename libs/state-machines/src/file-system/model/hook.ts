import type { ApplyContext } from '@lockstep/vr-core';
import type { FileTables } from './tables';

/** One Tick, or the end of a session, while it is executed. */
export interface Hook {
  readonly tables: FileTables;
  readonly context: ApplyContext;
}

/** First byte of a timer's key: what is to be done when it has run out. Append, never reorder. */
export const TIMER = {
  ttl: '\x01', // something that lives for a time after its last change may have to go
  trash: '\x02', // volume, owner, number: something in the trash has been kept long enough
  purge: '\x03', // volume: what was taken away goes on being purged
  history: '\x04', // volume: the oldest state that can still be read
  openFiles: '\x05', // session: what it has open and locked goes on being cleared away
  ephemerals: '\x06', // session: its files go on being taken away
} as const;
