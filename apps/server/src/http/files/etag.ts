import { textOf, type JsonObject } from '../../contract/json';

/** One state of one inode: its number and its generations. (RFC 9110 §8.8.3) */
export const etagOf = (attributes: JsonObject): string =>
  `"${textOf(attributes['ino'])}-${textOf(attributes['generation'])}"`;

/** `If-None-Match`: a list of tags, or `*`. */
export const matches = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
