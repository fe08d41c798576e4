import { key, utf8Decode, utf8Encode, type ByteString } from '@lockstep/vr-core';
import { MODES, type Mode } from '../model/compatibility';
import { fenceKey, fenceOf } from '../model/keys';

/** What a timer of this service is about. The first byte of its key says so: append kinds, never reuse one. */
export type LockTimer =
  | { readonly kind: 'break'; readonly lock: string; readonly fence: bigint }
  | { readonly kind: 'claim' | 'max-hold' | 'wait'; readonly request: string }
  | { readonly kind: 'lock-delay'; readonly lock: string; readonly mode: Mode }
  | { readonly kind: 'session-end'; readonly session: string }
  | { readonly kind: 'hand-on'; readonly lock: string };

const BREAK = 'b' as ByteString;
const CLAIM = 'c' as ByteString;
const LOCK_DELAY = 'd' as ByteString;
const SESSION_END = 'e' as ByteString;
const HAND_ON = 'g' as ByteString;
const MAX_HOLD = 'm' as ByteString;
const WAIT = 'w' as ByteString;

/** How long a holder that was asked to give up has left. */
export function breakTimer(lock: string, fence: bigint): ByteString {
  return key(BREAK, fenceKey(fence), utf8Encode(lock));
}

/** How long a grant waits to be claimed. */
export function claimTimer(request: string): ByteString {
  return key(CLAIM, utf8Encode(request));
}

/** How long a holder lost in this mode keeps others out. */
export function lockDelayTimer(lock: string, mode: Mode): ByteString {
  return key(LOCK_DELAY, String.fromCharCode(MODES.indexOf(mode)) as ByteString, utf8Encode(lock));
}

/** There is more to clear away. */
export function sessionEndTimer(session: string): ByteString {
  return key(SESSION_END, utf8Encode(session));
}

/** There is more to be granted. */
export function handOnTimer(lock: string): ByteString {
  return key(HAND_ON, utf8Encode(lock));
}

/** How long a grant lasts at most. */
export function maxHoldTimer(request: string): ByteString {
  return key(MAX_HOLD, utf8Encode(request));
}

/** How long a request is ready to wait. */
export function waitTimer(request: string): ByteString {
  return key(WAIT, utf8Encode(request));
}

/** The timer of a key made above. */
export function timerOf(timerKey: ByteString): LockTimer {
  switch (timerKey[0]) {
    case BREAK:
      return {
        kind: 'break',
        fence: fenceOf(timerKey.slice(1, 9) as ByteString),
        lock: textOf(timerKey, 9),
      };
    case CLAIM:
      return { kind: 'claim', request: textOf(timerKey, 1) };
    case LOCK_DELAY:
      return { kind: 'lock-delay', lock: textOf(timerKey, 2), mode: modeOf(timerKey) };
    case SESSION_END:
      return { kind: 'session-end', session: textOf(timerKey, 1) };
    case HAND_ON:
      return { kind: 'hand-on', lock: textOf(timerKey, 1) };
    case MAX_HOLD:
      return { kind: 'max-hold', request: textOf(timerKey, 1) };
    case WAIT:
      return { kind: 'wait', request: textOf(timerKey, 1) };
    default:
      throw new RangeError('a timer that this service never sets');
  }
}

function modeOf(timerKey: ByteString): Mode {
  const mode = MODES[timerKey.charCodeAt(1)];
  if (mode === undefined) throw new RangeError('a timer that this service never sets');
  return mode;
}

function textOf(timerKey: ByteString, from: number): string {
  const text = utf8Decode(timerKey.slice(from) as ByteString);
  if (text === undefined) throw new RangeError('a timer key that is not text');
  return text;
}
