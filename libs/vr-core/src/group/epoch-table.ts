import type { ByteString } from '../encoding/byte-string';
import { keyU64 } from '../encoding/key';
import { decode, encode } from '../encoding/shape';
import type { EpochNumber } from '../numbers/numbers';
import type { Ordered, Tables } from '../service/tables';
import { epochRecord, type EpochRecord } from './operations';

/** Every epoch that an operation has begun, in the state like any table: epoch -> how it began. */
export class EpochTable {
  newest: EpochRecord | undefined;
  private readonly epochs: Ordered;

  constructor(tables: Tables) {
    this.epochs = tables.ordered('epochs');
    for (const [, row] of this.epochs.range('' as ByteString))
      this.newest = decode(epochRecord, row);
  }

  add(record: EpochRecord): void {
    this.epochs.put(keyU64(record.configuration.epochNumber), encode(epochRecord, record));
    this.newest = record;
  }

  /** Up to `limit` epochs after `after`, oldest first. */
  after(after: EpochNumber, limit: number): EpochRecord[] {
    const records: EpochRecord[] = [];
    let row = this.epochs.next(keyU64(after));
    for (; row !== undefined && records.length < limit; row = this.epochs.next(row[0])) {
      records.push(decode(epochRecord, row[1]));
    }
    return records;
  }
}
