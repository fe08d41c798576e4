import {
  key,
  keyU32,
  readKeyU32,
  utf8Decode,
  utf8Encode,
  type ByteString,
} from '@lockstep/vr-core';
import { TIMER } from '../model/hook';
import type { Volume } from '../model/volume';

/** The timer of the oldest images of a volume. */
export function historyTimer({ id, name }: Pick<Volume, 'id' | 'name'>): ByteString {
  return key(TIMER.history as ByteString, keyU32(id), utf8Encode(name));
}

/** The volume by what follows the first byte of the timer's key: there may be another of that name by now, or none. */
export function volumeOfTimer(rest: ByteString): Pick<Volume, 'id' | 'name'> {
  const name = utf8Decode(rest.slice(4) as ByteString);
  if (name === undefined) throw new Error('names of volumes are text');
  return { id: readKeyU32(rest, 0), name };
}
