import {
  byteString,
  decode,
  encode,
  integer,
  list,
  optional,
  struct,
  union,
  word,
  Writer,
  type ShapeOf,
} from '@lockstep/vr-core';
import { ERRNOS } from './errno';
import { attributesShape, snapshotOf } from './attributes';
import type { Inode } from './inode';
import { INODE_TYPES } from './inode-type';
import { BATCH_MAX, LISTING_MAX, NAME_MAX, PATH_MAX } from './limits';
import type { Listing } from './listing';
import { RULES, type Refusal } from './refusal';

const count = integer();

const name = byteString(NAME_MAX);

const result = union({
  nothing: struct({}),
  attributes: struct({ attributes: attributesShape }),
  target: struct({ target: byteString(PATH_MAX) }),
  listing: struct({
    entries: list(
      struct({
        name,
        ino: count,
        type: word(...INODE_TYPES),
        attributes: optional(attributesShape),
      }),
      LISTING_MAX,
    ),
    next: optional(name),
  }),
  refused: struct({
    code: word(...ERRNOS),
    component: optional(byteString(PATH_MAX)),
    rule: optional(word(...RULES)),
  }),
});

/** What became of one operation. */
export type FileResult = ShapeOf<typeof result>;

const answer = union({
  one: struct({ result }),
  batch: struct({ results: list(result, BATCH_MAX) }),
});

/**
 * What became of a request. A batch has one result for each operation that was tried: fewer than were asked for
 * exactly when the last one is `refused`.
 */
export type FileAnswer = ShapeOf<typeof answer>;

/** First bytes of the answer to one operation that tells of an inode: places of `one` and `attributes` above. */
const ONE = 0;
const ATTRIBUTES = 1;

export function encodeFileAnswer(value: FileAnswer): Uint8Array {
  if (value.kind !== 'one' || value.result.kind !== 'attributes') return encode(answer, value);
  // The answer to most operations, written without going through the shapes around the attributes.
  const writer = new Writer();
  writer.u8(ONE);
  writer.u8(ATTRIBUTES);
  attributesShape.write(writer, value.result.attributes);
  return writer.finish();
}

export function decodeFileAnswer(bytes: Uint8Array): FileAnswer {
  return decode(answer, bytes);
}

export const NOTHING: FileResult = { kind: 'nothing' };

/** The inode itself, not what it is like now: to be encoded before the next change, or `settled`. */
export function inodeResult(inode: Inode): FileResult {
  return { kind: 'attributes', attributes: inode };
}

/** A result that stays what it is, whatever is changed next. */
export function settled(result: FileResult): FileResult {
  if (result.kind !== 'attributes') return result;
  return { kind: 'attributes', attributes: snapshotOf(result.attributes) };
}

export function listingResult(listing: Listing): FileResult {
  const entries = listing.entries.map(({ inode, ...entry }) => ({ ...entry, attributes: inode }));
  return { kind: 'listing', entries, next: listing.next };
}

export function refusedResult({ code, component, rule }: Refusal): FileResult {
  return { kind: 'refused', code, component, rule };
}
