import { counter, lockManager } from '@lockstep/state-machines';
import {
  fnvHash,
  toByteString,
  utf8Encode,
  type ByteString,
  type Plugin,
  type Request,
  type RequestName,
  type RequestNumber,
} from '@lockstep/vr-core';

/** What the simulated group serves: the plug-ins whose rules the checkers know by heart. */
export function services(): readonly Plugin[] {
  return [lockManager(), counter()];
}

export interface Operation {
  readonly service: string;
  readonly bytes: Uint8Array;
}

/** An operation in its envelope, as a door makes it. */
export function requestOf(
  name: RequestName,
  principal: string,
  { service, bytes }: Operation,
  ackedBelow: number,
): Request {
  return {
    name,
    principal,
    service,
    operation: bytes,
    requestHash: hashOf(service, bytes),
    ackedBelow: ackedBelow as RequestNumber,
  };
}

export function keyedName(key: string): RequestName {
  return { kind: 'keyed', keyHash: fnvHash(bytesOf(utf8Encode(key))) };
}

function hashOf(service: string, operation: Uint8Array): ByteString {
  return fnvHash(bytesOf((service + '\0' + toByteString(operation)) as ByteString));
}

function bytesOf(text: ByteString): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
