import { malformed } from '../../contract/problem';

/** A part of a content: what to ask for, and how the answer tells it. */
export interface ByteRange {
  readonly asked: { readonly offset: number; readonly length?: number };
  /** `Content-Range` once it is known how many bytes there were; the whole length is not asked for. */
  of(bytes: number): string;
}

const RANGE = /^bytes=(\d{1,15})-(\d{1,15})?$/;

/** `Range: bytes=0-99` or `bytes=100-`: one range from the start. (RFC 9110 §14.1.2) */
export function byteRangeOf(header: string | undefined): ByteRange | undefined {
  if (header === undefined) return undefined;
  const [, first, last] = RANGE.exec(header) ?? [];
  if (first === undefined) throw malformed('Range', 'must be like bytes=0-99 or bytes=100-');
  const offset = Number(first);
  if (last !== undefined && Number(last) < offset)
    throw malformed('Range', 'ends before it begins');
  const asked = last === undefined ? { offset } : { offset, length: Number(last) - offset + 1 };
  return { asked, of: (bytes) => `bytes ${offset}-${offset + Math.max(bytes, 1) - 1}/*` };
}
