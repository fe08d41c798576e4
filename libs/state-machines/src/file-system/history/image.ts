import { packRecord, unpackRecord } from './record-image';
import { TABLE, type TableWithHistory } from './image-key';

/** What is kept of a key: that nothing was there, or what was. No image of something is empty. */
const NOTHING_THERE = new Uint8Array(0);

export function toImage(table: TableWithHistory, before: Uint8Array | undefined): Uint8Array {
  if (before === undefined) return NOTHING_THERE;
  if (table === TABLE.inodes) return packRecord(before);
  const image = new Uint8Array(before.length + 1);
  image.set(before, 1);
  return image;
}

/** Undefined: nothing was there. */
export function fromImage(table: TableWithHistory, image: Uint8Array): Uint8Array | undefined {
  if (image.length === 0) return undefined;
  return table === TABLE.inodes ? unpackRecord(image) : image.subarray(1);
}
