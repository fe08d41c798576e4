import { utf8Encode, type ReadContext } from '@lockstep/vr-core';
import { nextIno } from '../model/inode-table';
import { Refusal } from '../model/refusal';
import type { FileTables } from '../model/tables';
import type { Volume } from '../model/volume';
import type { FileMoment } from '../wire/arguments';
import { LOG, logAt, logOf } from './log-key';
import type { PastState } from './past-state';
import { findSnapshot, snapshotsOfOp } from './snapshot-table';
import { oldestReadable } from './window';
import { decodeWindowRow } from './window-row';

/** No image is of an op from here on. */
const NOW = Number.MAX_SAFE_INTEGER - 1;

/** The state that a moment means. ESTALE: it is not kept any more, or has not come about yet. */
export function stateAt(
  tables: FileTables,
  volume: Volume,
  moment: FileMoment,
  { opNumber }: ReadContext,
): PastState | Refusal {
  const now = { volume: volume.id, op: NOW, births: nextIno(tables.counters) };
  if (moment.kind === 'now') return now;
  if (moment.kind === 'snapshot') {
    const found = findSnapshot(tables, volume.id, moment.name);
    if (found !== undefined) return { volume: volume.id, op: found.op, births: found.births };
    return new Refusal('ENOENT', utf8Encode(moment.name), 'no-snapshot');
  }
  const { op } = moment;
  if (op === opNumber) return now;
  const oldest = oldestReadable(tables, volume);
  if (op < opNumber && oldest !== undefined && op >= oldest)
    return { volume: volume.id, op, births: birthsAfter(tables, volume, op) };
  const [kept] = snapshotsOfOp(tables, volume.id, op);
  return kept === undefined
    ? new Refusal('ESTALE', undefined, 'history')
    : { volume: volume.id, op, births: kept.births };
}

/** Inodes from this number on were made after the op: the next one that has changed anything has written it down. */
function birthsAfter(tables: FileTables, { id }: Volume, op: number): number {
  const window = logOf(id, LOG.window);
  const next = tables.historyLog.next(logAt(window, op + 1));
  const isOfWindow = next?.[0].startsWith(window) === true;
  return isOfWindow ? decodeWindowRow(next[1]).births : nextIno(tables.counters);
}
