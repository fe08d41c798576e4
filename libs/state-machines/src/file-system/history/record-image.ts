import { FORMAT_OF } from '../model/inode-type';
import { INODE_BYTES } from '../model/inode';

/** Words of 4 bytes of a record, by the places of its fields in `model/inode.ts`. */
const WORDS = INODE_BYTES / 4;
const ATIME = 8;
const MTIME = 10;
const BTIME_FROM_ATIME = 6;
const CTIME_FROM_MTIME = 2;
/** What is below a directory: blocks, device and directories, of 2 words each. It has no history. */
const USAGE = (3 << 6) | (3 << 16) | (3 << 28);

/**
 * A record without the words that are zero, after bits that tell which they are: half of the memory, and little enough
 * for the engine to keep it among its objects, which a buffer of its own would cost ten times as much. Two pairs of
 * times are mostly equal: of one of each only the difference is kept.
 */
export function packRecord(record: Uint8Array): Uint8Array {
  const skipped = (wordAt(record, 0) & 0o170000) === FORMAT_OF.dir ? USAGE : 0;
  let present = 0;
  let count = 1;
  for (let word = 0; word < WORDS; word += 1) {
    if (((skipped >>> word) & 1) === 1 || keptWord(record, word) === 0) continue;
    present |= 1 << word;
    count += 1;
  }
  const image = new Uint8Array(count * 4);
  putWord(image, 0, present);
  let at = 1;
  for (let word = 0; word < WORDS; word += 1)
    if (((present >>> word) & 1) === 1) putWord(image, at++, keptWord(record, word));
  return image;
}

export function unpackRecord(image: Uint8Array): Uint8Array {
  const record = new Uint8Array(INODE_BYTES);
  const present = wordAt(image, 0);
  let at = 1;
  for (let word = 0; word < WORDS; word += 1)
    if (((present >>> word) & 1) === 1) putWord(record, word, wordAt(image, at++));
  for (const word of [ATIME, ATIME + 1, MTIME, MTIME + 1])
    putWord(record, word, keptWord(record, word));
  return record;
}

/** A word, or in what it differs from its twin: the same function both ways. */
function keptWord(record: Uint8Array, word: number): number {
  if (word < ATIME || word > MTIME + 1) return wordAt(record, word);
  const twin = word + (word < MTIME ? BTIME_FROM_ATIME : CTIME_FROM_MTIME);
  return wordAt(record, word) ^ wordAt(record, twin);
}

function wordAt(bytes: Uint8Array, word: number): number {
  const at = word * 4;
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

function putWord(bytes: Uint8Array, word: number, value: number): void {
  const at = word * 4;
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
