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
  let at = 1 + mapBytes(used.length);
  const bytes = new Uint8Array(at + usedCount * recordBytes);
  bytes[0] = RECORD_PAGE_FORMAT;
  used.forEach((isUsed, place) => {
    bytes[1 + (place >>> 3)] = (bytes[1 + (place >>> 3)] as number) | (isUsed << (place & 7));
  });
  for (const [from, to] of runsOf(used)) {
    bytes.set(data.subarray(from * recordBytes, to * recordBytes), at);
    at += (to - from) * recordBytes;
  }
  return bytes;
}

/** Throws `Malformed` unless these are the bytes of a page of so many places. */
export function checkRecordPage(bytes: Uint8Array, places: number, recordBytes: number): void {
  if (bytes[0] !== RECORD_PAGE_FORMAT) throw new Malformed('', 'is no page of records');
  const mapEnd = 1 + mapBytes(places);
  let usedCount = 0;
  for (let place = 0; place < 8 * mapBytes(places); place += 1) {
    if (bitAt(bytes, place) === 0) continue;
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
  for (let place = 0; place < used.length; place += 1) used[place] = bitAt(bytes, place);
  let at = 1 + mapBytes(used.length);
  for (const [from, to] of runsOf(used)) {
    const end = at + (to - from) * recordBytes;
    data.set(bytes.subarray(at, end), from * recordBytes);
    slab.usedCount += to - from;
    at = end;
  }
}

const mapBytes = (places: number): number => (places + 7) >>> 3;

const bitAt = (bytes: Uint8Array, place: number): number =>
  ((bytes[1 + (place >>> 3)] ?? 0) >>> (place & 7)) & 1;

/** Places in use that follow each other, which are copied at once. */
function runsOf(used: Uint8Array): (readonly [from: number, to: number])[] {
  const runs: (readonly [number, number])[] = [];
  let from = used.indexOf(1);
  while (from >= 0) {
    const end = used.indexOf(0, from);
    const to = end < 0 ? used.length : end;
    runs.push([from, to]);
    from = used.indexOf(1, to);
  }
  return runs;
}
