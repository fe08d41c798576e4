import { isObject, type JsonObject, type JsonValue } from '../contract/json';
import { Problem, malformed } from '../contract/problem';

/** Bytes of a body. A larger one is refused before it is read to its end. */
export const BODY_BYTES_MAX = 1 << 20;
/** Objects and lists within each other. Ours need six; nobody's need a stack. */
export const DEPTH_MAX = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON object of a body, or undefined when there is none. Throws `Problem`. */
export function parseJsonBody(body: Uint8Array): JsonObject | undefined {
  if (body.length === 0) return undefined;
  const text = decodeText(body);
  checkDepth(text);
  const value = parse(text);
  if (!isObject(value))
    throw new Problem('malformed', 'The body must be an object.', { field: '' });
  if (MAY_NAME_PROTOTYPE.test(text)) refusePrototypes(value, '');
  return value;
}

/** A cheap first look: escapes may spell anything. */
const MAY_NAME_PROTOTYPE = /__proto__|constructor|prototype|\\u/;
const PROTOTYPE_FIELDS = ['__proto__', 'constructor', 'prototype'];

/** Fields that would not reach the check of unknown fields: what turns JSON into DTOs drops them without a word. */
function refusePrototypes(value: JsonValue, field: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    const within = field === '' ? name : `${field}.${name}`;
    if (PROTOTYPE_FIELDS.includes(name)) throw malformed(within, 'is not a known field');
    refusePrototypes(inner as JsonValue, within);
  }
}

function decodeText(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new Problem('invalid-json', 'The body is not UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (fault) {
    throw new Problem('invalid-json', fault instanceof Error ? `${fault.message}.` : undefined);
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function checkDepth(text: string): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH && inString) at += 1;
    else if (code === QUOTE) inString = !inString;
    else if (inString) continue;
    else if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    if (depth > DEPTH_MAX)
      throw new Problem('invalid-json', `The body is nested more than ${DEPTH_MAX} deep.`);
  }
}
