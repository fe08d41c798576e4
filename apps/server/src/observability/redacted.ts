/** Keys whose values are secrets, or what one is made of. A file's name is none. */
const SECRET = /secret|token|passw|passphrase|credential|sha256|private|jwk|authorization|cookie/i;
const HIDDEN = '(hidden)';

/** A copy for people's eyes: what a key says to be a secret is left out, and so is what a URL has before its host. */
export function redacted(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\/\/[^/@\s]*@/g, `//${HIDDEN}@`);
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
    key,
    SECRET.test(key) && isContent(inner) ? HIDDEN : redacted(inner),
  ]);
  return Object.fromEntries(entries);
}

/** Below an object or a list the keys are looked at one by one. */
const isContent = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number';
