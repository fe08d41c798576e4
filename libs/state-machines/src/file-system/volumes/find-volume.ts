import { utf8Encode, type ByteString } from '@lockstep/vr-core';
import type { FileTables } from '../model/tables';
import { MAIN_VOLUME, UNTOUCHED_MAIN, type Volume } from '../model/volume';

export function findVolume({ volumes }: FileTables, name: string): Volume | undefined {
  const found = volumes.get(utf8Encode(name));
  return found ?? (name === MAIN_VOLUME ? UNTOUCHED_MAIN : undefined);
}

/** Volumes are few. */
export function findVolumeOf({ volumes }: FileTables, id: number): Volume | undefined {
  for (const [, volume] of volumes.in('' as ByteString)) if (volume.id === id) return volume;
  return id === UNTOUCHED_MAIN.id ? UNTOUCHED_MAIN : undefined;
}

export function putVolume({ volumes }: FileTables, volume: Volume): void {
  volumes.put(utf8Encode(volume.name), volume);
}

export function forgetVolume({ volumes }: FileTables, name: string): void {
  volumes.delete(utf8Encode(name));
}

export interface VolumePage {
  readonly volumes: readonly Volume[];
  /** `after` of the next page; undefined when this was the last. */
  readonly next: string | undefined;
}

/** All volumes, bytewise by name, in pages of 1 to `LISTING_MAX`; `main` also while nothing was ever said of it. */
export function listVolumes(
  tables: FileTables,
  after: string | undefined,
  limit: number,
): VolumePage {
  const from = after === undefined ? NOTHING : utf8Encode(after);
  const volumes: Volume[] = [];
  for (const volume of volumesFrom(tables, from)) {
    if (utf8Encode(volume.name) === from) continue;
    if (volumes.length === limit) return { volumes, next: volumes.at(-1)?.name };
    volumes.push(volume);
  }
  return { volumes, next: undefined };
}

const NOTHING = '' as ByteString;
const MAIN = utf8Encode(MAIN_VOLUME);

function* volumesFrom({ volumes }: FileTables, from: ByteString): Iterable<Volume> {
  let untouched = from <= MAIN && volumes.get(MAIN) === undefined;
  for (const [name, volume] of volumes.in(NOTHING, from)) {
    if (untouched && name > MAIN) {
      untouched = false;
      yield UNTOUCHED_MAIN;
    }
    yield volume;
  }
  if (untouched) yield UNTOUCHED_MAIN;
}
