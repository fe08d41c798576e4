import type { ByteString } from '../encoding/byte-string';
import { Malformed } from '../encoding/malformed';
import type { Entries } from '../messages/entries';
import { decodeEntry, type HashFunction, type LogEntry } from '../state/log-entry';

/** Entries as they travelled, hashed here and chained one to the next; undefined when they are not a piece of a log. */
export function readEntries(encoded: Entries, hash: HashFunction): LogEntry[] | undefined {
  const entries: LogEntry[] = [];
  let parent: LogEntry | undefined;
  try {
    for (const bytes of encoded) {
      const entry = decodeEntry(bytes, hash);
      if (parent !== undefined && !follows(entry, parent.opNumber, parent.hash)) return undefined;
      entries.push(entry);
      parent = entry;
    }
  } catch (fault) {
    if (fault instanceof Malformed || fault instanceof RangeError) return undefined;
    throw fault;
  }
  return entries;
}

export function follows(entry: LogEntry, op: number, hash: ByteString): boolean {
  return entry.opNumber === op + 1 && entry.parentHash === hash;
}
