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
