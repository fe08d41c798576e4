import { key, keyU32, type ByteString } from '@lockstep/vr-core';
import { TIMER } from '../model/hook';

/** A volume has something to purge. */
export function purgeTimer(volume: number): ByteString {
  return key(TIMER.purge as ByteString, keyU32(volume));
}

/** Something in the trash has been kept long enough. `row` is its key. */
export function trashTimer(row: ByteString): ByteString {
  return key(TIMER.trash as ByteString, row);
}
