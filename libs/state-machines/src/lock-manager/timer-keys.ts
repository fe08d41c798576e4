import { key, utf8Decode, utf8Encode, type ByteString } from '@lockstep/vr-core';
import { MODES, type Mode } from './compatibility';

/** What a timer of this service is about. The first byte of its key says so: append kinds, never reuse one. */
export type LockTimer =
  | { readonly kind: 'wait'; readonly request: string }
  | { readonly kind: 'lock-delay'; readonly lock: string; readonly mode: Mode };

const WAIT = 'w' as ByteString;
const LOCK_DELAY = 'd' as ByteString;

/** How long a request is ready to wait. */
export function waitTimer(request: string): ByteString {
  return key(WAIT, utf8Encode(request));
}

/** How long a holder lost in this mode keeps others out. */
export function lockDelayTimer(lock: string, mode: Mode): ByteString {
  return key(LOCK_DELAY, String.fromCharCode(MODES.indexOf(mode)) as ByteString, utf8Encode(lock));
}

/** The timer of a key made above. */
export function timerOf(timerKey: ByteString): LockTimer {
  if (timerKey.startsWith(WAIT)) return { kind: 'wait', request: textOf(timerKey, 1) };
  const mode = MODES[timerKey.charCodeAt(1)];
  if (!timerKey.startsWith(LOCK_DELAY) || mode === undefined) {
    throw new RangeError('a timer that this service never sets');
  }
  return { kind: 'lock-delay', lock: textOf(timerKey, 2), mode };
}

function textOf(timerKey: ByteString, from: number): string {
  const text = utf8Decode(timerKey.slice(from) as ByteString);
  if (text === undefined) throw new RangeError('a timer key that is not text');
  return text;
}
