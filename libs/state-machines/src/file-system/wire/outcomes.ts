import {
  bool,
  byteString,
  bytes,
  decode,
  encode,
  integer,
  list,
  optional,
  struct,
  text,
  union,
  word,
  Writer,
  type ShapeOf,
} from '@lockstep/vr-core';
import { attributesShape, snapshotOf } from '../model/attributes';
import { ERRNOS } from '../model/errno';
import type { Inode } from '../model/inode';
import { INODE_TYPES } from '../model/inode-type';
import {
  BATCH_MAX,
  CHUNKS_MAX,
  CONTENT_MAX,
  LISTING_MAX,
  NAME_MAX,
  PATH_MAX,
  XATTR_VALUE_MAX,
} from '../model/limits';
import { RULES, type Refusal } from '../model/refusal';
import type { Listing } from '../inspect/listing';
import { volumeShape } from '../model/volume';
import { changeShape, fullPathShape } from '../watch/change';
import { labelShape, ownerShape } from './arguments';
import { aclShape, chunkShape } from './operations';

const count = integer();

const name = byteString(NAME_MAX);

/** What is below a directory, itself not counted; of anything else, itself. */
const usageShape = struct({ files: count, directories: count, bytes: count });

const quotaShape = struct({
  /** 0: no limit. */
  inodesMax: count,
  bytesMax: count,
  usage: usageShape,
});

/** An advisory lock on a file; `length` 0 is to the end. */
const advisoryLockShape = struct({
  kind: word('flock', 'plock'),
  session: text(40),
  owner: ownerShape,
  exclusive: bool,
  start: count,
  length: count,
});

const trashEntryShape = struct({
  id: text(64, 1),
  path: fullPathShape,
  attributes: attributesShape,
  /** Cluster time. */
  atMs: count,
  /** 0: kept until it is discarded. */
  untilMs: count,
  uid: count,
});

const snapshotShape = struct({ name: labelShape, op: count, atMs: count, usage: usageShape });

/** How an inode differs between two states; undefined where it was not, or is not any more. */
const differenceShape = struct({
  ino: count,
  before: optional(struct({ paths: list(fullPathShape, 16), attributes: attributesShape })),
  after: optional(struct({ paths: list(fullPathShape, 16), attributes: attributesShape })),
});

const resultShape = union({
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
  /** A condition of the request does not hold: which one, and the object as it is, where it is there. */
  unmet: struct({ guard: count, attributes: optional(attributesShape) }),
  /** A new name that was completed here: the last component as it is now. */
  created: struct({ name, attributes: attributesShape }),
  opened: struct({ handle: count, attributes: attributesShape }),
  data: struct({ data: bytes(CONTENT_MAX) }),
  value: struct({ value: bytes(XATTR_VALUE_MAX) }),
  names: struct({ names: list(name, XATTR_VALUE_MAX) }),
  acl: struct({ access: aclShape, default: aclShape }),
  quota: quotaShape,
  summary: usageShape,
  chunks: struct({ chunks: list(chunkShape, CHUNKS_MAX), next: optional(count) }),
  paths: struct({ paths: list(fullPathShape, LISTING_MAX) }),
  locks: struct({ locks: list(advisoryLockShape, LISTING_MAX) }),
  trash: struct({ entries: list(trashEntryShape, LISTING_MAX), next: optional(text(64, 1)) }),
  snapshots: struct({ snapshots: list(snapshotShape, LISTING_MAX), next: optional(labelShape) }),
  diff: struct({ differences: list(differenceShape, LISTING_MAX), next: optional(count) }),
  /** `inodes` and `bytes` are all that are kept: also what is open, in the trash, or not purged yet. */
  statfs: struct({ volume: volumeShape, inodes: count, bytes: count, purging: count }),
  volume: struct({ volume: volumeShape }),
  volumes: struct({ volumes: list(volumeShape, LISTING_MAX), next: optional(labelShape) }),
});

/** What became of one operation. */
export type FileResult = ShapeOf<typeof resultShape>;

const results = list(resultShape, BATCH_MAX);

const answerShape = union({
  one: struct({ result: resultShape }),
  batch: struct({ results }),
  /** `succeeded`: the guards held, and `results` are those of `then`. */
  txn: struct({ succeeded: bool, results }),
  /** What a dry run would have answered, and changed. */
  dry: struct({
    kindOf: word('one', 'batch', 'txn'),
    succeeded: bool,
    results,
    changes: list(changeShape, LISTING_MAX),
  }),
});

/**
 * What became of a request. A batch has one result for each operation that was tried: fewer than were asked for, or the
 * last one is `refused`, when it ended early. A guard that does not hold is the only result.
 */
export type FileAnswer = ShapeOf<typeof answerShape>;

/** First bytes of the answer to one operation that tells of an inode: places of `one` and `attributes` above. */
const ONE = 0;
const ATTRIBUTES = 1;

export function encodeFileAnswer(value: FileAnswer): Uint8Array {
  if (value.kind !== 'one' || value.result.kind !== 'attributes') return encode(answerShape, value);
  // The answer to most operations, written without going through the shapes around the attributes.
  const writer = new Writer();
  writer.u8(ONE);
  writer.u8(ATTRIBUTES);
  attributesShape.write(writer, value.result.attributes);
  return writer.finish();
}

export function decodeFileAnswer(bytes: Uint8Array): FileAnswer {
  return decode(answerShape, bytes);
}

export const NOTHING: FileResult = { kind: 'nothing' };

/** The inode itself, not what it is like now: to be encoded before the next change, or `settled`. */
export function inodeResult(inode: Inode): FileResult {
  return { kind: 'attributes', attributes: inode };
}

/** A result that stays what it is, whatever is changed next. */
export function settled(result: FileResult): FileResult {
  switch (result.kind) {
    case 'attributes':
    case 'created':
    case 'opened':
      return { ...result, attributes: snapshotOf(result.attributes) };
    default:
      return result;
  }
}

export function listingResult(listing: Listing): FileResult {
  const entries = listing.entries.map(({ inode, ...entry }) => ({ ...entry, attributes: inode }));
  return { kind: 'listing', entries, next: listing.next };
}

export function refusedResult({ code, component, rule }: Refusal): FileResult {
  return { kind: 'refused', code, component, rule };
}

/** True of what was turned down: nothing of it stands. */
export const isRefused = ({ kind }: FileResult): boolean => kind === 'refused' || kind === 'unmet';
