import { key, keyU32, keyU64, readKeyU32, readKeyU64, type ByteString } from '@lockstep/vr-core';

/** Who put it into the trash, and a number that is never used twice: the order of the keys is by owner, then by age. */
export interface TrashId {
  readonly uid: number;
  readonly number: number;
}

const ID = /^(0|[1-9]\d{0,9})-([1-9]\d{0,15})$/;

export const idOf = ({ uid, number }: TrashId): string => `${uid}-${number}`;

/** Undefined when the text is no id. */
export function parseId(text: string): TrashId | undefined {
  const parts = ID.exec(text);
  if (parts === null) return undefined;
  const id = { uid: Number(parts[1]), number: Number(parts[2]) };
  return id.uid < 2 ** 32 && Number.isSafeInteger(id.number) ? id : undefined;
}

export const rowKey = (volume: number, { uid, number }: TrashId): ByteString =>
  key(rowsOf(volume, uid), keyU64(number));

/** Prefix of the rows of one owner, or of all. */
export const rowsOf = (volume: number, uid?: number): ByteString =>
  uid === undefined ? keyU32(volume) : key(keyU32(volume), keyU32(uid));

export const idOfRow = (row: ByteString): TrashId => ({
  uid: readKeyU32(row, 4),
  number: readKeyU64(row, 8),
});
