import { createHash } from 'node:crypto';
import { Writer, type LogEntry, type StoredPage } from '@lockstep/vr-core';
import { encodeHeader, type BackupHeader } from './backup-header';
import { encodeFrame, FRAME, MAGIC } from './frames';

/** What a part is made of. */
export interface BackupPart {
  readonly header: BackupHeader;
  readonly pages: AsyncIterable<readonly StoredPage[]>;
  readonly entries: readonly LogEntry[];
}

/** Entries go together up to so many bytes. */
const ENTRIES_BYTES = 256 << 10;

/**
 * A part as it stands in a file, a piece at a time: no more than one is in memory. It ends with the SHA-256 of all its
 * frames before the last, and with `failed` and a reason in its place when a page cannot be read.
 */
export async function* writePart(
  { header, pages, entries }: BackupPart,
  isFirst: boolean,
): AsyncGenerator<Buffer> {
  const sha = createHash('sha256');
  let count = 0;
  const frame = (kind: number, body: Uint8Array): Buffer => {
    const encoded = encodeFrame(kind, body);
    sha.update(encoded);
    count += 1;
    return encoded;
  };
  if (isFirst) yield MAGIC;
  yield frame(FRAME.header, encodeHeader(header));
  try {
    for await (const some of pages) yield frame(FRAME.pages, encodePages(some));
  } catch (fault) {
    yield encodeFrame(FRAME.failed, Buffer.from(fault instanceof Error ? fault.message : ''));
    return;
  }
  for (const some of portions(entries)) yield frame(FRAME.entries, encodeEntries(some));
  const frames = count;
  const end = { frames, sha256: sha.digest('hex') };
  yield encodeFrame(FRAME.end, Buffer.from(JSON.stringify(end)));
}

function encodePages(pages: readonly StoredPage[]): Uint8Array {
  const writer = new Writer(1 << 16);
  writer.varint(pages.length);
  for (const { table, page, bytes } of pages) {
    writer.text(table);
    writer.varint(page);
    writer.bytes(bytes ?? new Uint8Array());
  }
  return writer.finish();
}

function encodeEntries(entries: readonly LogEntry[]): Uint8Array {
  const writer = new Writer(1 << 16);
  writer.varint(entries.length);
  for (const { encoded } of entries) writer.bytes(encoded);
  return writer.finish();
}

function* portions(entries: readonly LogEntry[]): Generator<readonly LogEntry[]> {
  let first = 0;
  let bytes = 0;
  for (let at = 0; at < entries.length; at += 1) {
    bytes += entries[at]?.encoded.length ?? 0;
    if (bytes < ENTRIES_BYTES && at < entries.length - 1) continue;
    yield entries.slice(first, at + 1);
    first = at + 1;
    bytes = 0;
  }
}
