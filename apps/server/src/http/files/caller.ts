import type { JsonObject, JsonValue } from '../../contract/json';
import { malformed } from '../../contract/problem';
import { headerOf, type Exchange } from '../exchange';

const HEADER = 'Lockstep-Caller';
const DECIMAL = /^\d{1,16}$/;
const OCTAL = /^[0-7]{1,4}$/;

const READERS: Readonly<Record<string, (text: string) => JsonValue | undefined>> = {
  uid: (text) => (DECIMAL.test(text) ? Number(text) : undefined),
  gids: (text) => {
    const gids = text.split(',').map((gid) => gid.trim());
    return gids.every((gid) => DECIMAL.test(gid)) ? gids.map(Number) : undefined;
  },
  umask: (text) => (OCTAL.test(text) ? Number.parseInt(text, 8) : undefined),
  cwd: (text) => (DECIMAL.test(text) ? text : undefined),
};

/**
 * Who acts, for the requests that have no room for `caller` in their body:
 * `Lockstep-Caller: uid=1000; gids=1000,10; umask=022; cwd=1`. Absent fields are root's.
 */
export function callerOf(exchange: Exchange): { caller?: JsonObject } {
  const header = headerOf(exchange, 'lockstep-caller');
  if (header === undefined) return {};
  const caller: Record<string, JsonValue> = {};
  for (const part of header.split(';')) {
    const [name = '', text = ''] = part.split('=').map((side) => side.trim());
    const value = Object.hasOwn(READERS, name) ? READERS[name]?.(text) : undefined;
    if (value === undefined)
      throw malformed(HEADER, 'must be like uid=1000; gids=1000,10; umask=022; cwd=1');
    caller[name] = value;
  }
  return { caller };
}
