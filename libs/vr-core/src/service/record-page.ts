import { Malformed } from '../encoding/malformed';
import { RECORD_PAGE_FORMAT } from './page-format';

/** As many records as fit one page, and which of them are in use. Those that are not are zero. */
export interface Slab {
  readonly data: Uint8Array;
  /** 1 for each place in use. */
  readonly used: Uint8Array;
  usedCount: number;
}

/** Format, a bit for each place (the lowest first), and the records in use. */
export function encodeRecordPage(slab: Slab, recordBytes: number): Uint8Array {
  const { data, used, usedCount } = slab;
  const mapEnd = 1 + mapBytes(used.length);
  const bytes = new Uint8Array(mapEnd + usedCount * recordBytes);
  bytes[0] = RECORD_PAGE_FORMAT;
  let end = mapEnd;
  for (let place = 0; place < used.length; place += 1) {
    if (used[place] !== 1) continue;
    bytes[1 + (place >>> 3)] = (bytes[1 + (place >>> 3)] as number) | (1 << (place & 7));
    bytes.set(data.subarray(place * recordBytes, (place + 1) * recordBytes), end);
    end += recordBytes;
  }
  return bytes;
}

/** Throws `Malformed` unless these are the bytes of a page of so many places. */
export function checkRecordPage(bytes: Uint8Array, places: number, recordBytes: number): void {
  if (bytes[0] !== RECORD_PAGE_FORMAT) throw new Malformed('', 'is no page of records');
  const mapEnd = 1 + mapBytes(places);
  let usedCount = 0;
  for (let place = 0; place < 8 * mapBytes(places); place += 1) {
    if (!isUsed(bytes, place)) continue;
    if (place >= places) throw new Malformed('', `has no place ${place}`);
    usedCount += 1;
  }
  if (usedCount === 0) throw new Malformed('', 'has no record');
  if (bytes.length !== mapEnd + usedCount * recordBytes)
    throw new Malformed('', `has ${usedCount} records and ${bytes.length} bytes`);
}

/** Makes a slab what a checked page says, or blank. */
export function readRecordPage(
  bytes: Uint8Array | undefined,
  slab: Slab,
  recordBytes: number,
): void {
  const { data, used } = slab;
  data.fill(0);
  used.fill(0);
  slab.usedCount = 0;
  if (bytes === undefined) return;
  let at = 1 + mapBytes(used.length);
  for (let place = 0; place < used.length; place += 1) {
    if (!isUsed(bytes, place)) continue;
    data.set(bytes.subarray(at, at + recordBytes), place * recordBytes);
    used[place] = 1;
    slab.usedCount += 1;
    at += recordBytes;
  }
}

const mapBytes = (places: number): number => (places + 7) >>> 3;

const isUsed = (bytes: Uint8Array, place: number): boolean =>
  (((bytes[1 + (place >>> 3)] ?? 0) >>> (place & 7)) & 1) === 1;
