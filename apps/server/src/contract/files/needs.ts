import { MAIN_VOLUME } from '@lockstep/state-machines';
import { everywhere, onFiles, onLock, type Need } from '../../access/need';
import { isObject, textOf, type JsonObject, type JsonValue } from '../json';
import { parseSequencer } from '../sequencer';

/** Operations that make or take whole volumes. */
const OF_GROUP: ReadonlySet<unknown> = new Set(['definevolume', 'dropvolume']);
/** Those that are about a volume and all that is in it. All others name what they are about, and the service looks there. */
export const OF_VOLUME: ReadonlySet<unknown> = new Set([
  'restore',
  'discard',
  'snapshot',
  'removesnapshot',
  'renamesnapshot',
  'listtrash',
  'listsnapshots',
  'diff',
  'statfs',
]);

/** What a request on files takes beside a grant on something in the volume: see `actingOnFiles`. */
export function needsOfFileRequest(request: JsonObject): readonly Need[] {
  const { volume = MAIN_VOLUME, ops, then, else: otherwise, if: guards } = request;
  const all = [request, ...listOf(ops), ...listOf(then), ...listOf(otherwise)];
  return [
    ...all.flatMap(({ kind }) => needsOfKind(kind, textOf(volume))),
    ...listOf(guards).flatMap(needsOfGuard),
  ];
}

export function needsOfFileQuery({ kind, volume = MAIN_VOLUME }: JsonObject): readonly Need[] {
  if (kind === 'listvolumes') return [everywhere('reader')];
  return OF_VOLUME.has(kind) ? [onFiles('reader', textOf(volume), '/')] : [];
}

function needsOfKind(kind: JsonValue | undefined, volume: string): readonly Need[] {
  if (OF_GROUP.has(kind)) return [everywhere('admin')];
  if (kind === 'listvolumes') return [everywhere('reader')];
  return OF_VOLUME.has(kind) ? [onFiles('client', volume, '/')] : [];
}

/** Whether a grant stands is something about its lock. */
function needsOfGuard({ lock, sequencer }: JsonObject): readonly Need[] {
  if (lock !== undefined) return [onLock('reader', lock)];
  if (sequencer === undefined) return [];
  return [onLock('reader', parseSequencer(sequencer, 'if.sequencer').lock)];
}

const listOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((each) => isObject(each)) : [];
