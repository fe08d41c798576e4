import type { ByteString } from '../encoding/byte-string';
import type { Entry, Ordered, Records, Tables } from './tables';

/** Counts the writes of one plug-in, and breaks one of them when told to. */
export class WriteFault {
  writeCount = 0;
  private failAt: number | undefined;

  /** The `nth` write from now, 1 being the next, throws. */
  arm(nth: number): void {
    this.failAt = this.writeCount + nth;
  }

  disarm(): void {
    this.failAt = undefined;
  }

  write(): void {
    this.writeCount += 1;
    if (this.writeCount === this.failAt) throw new Error('a write that was made to fail');
  }
}

/** Tables that work until their fault says otherwise. */
export function faultyTables(tables: Tables, fault: WriteFault): Tables {
  return {
    records: (name, recordBytes) => new FaultyRecords(tables.records(name, recordBytes), fault),
    ordered: (name) => new FaultyOrdered(tables.ordered(name), fault),
  };
}

class FaultyRecords implements Records {
  private readonly table: Records;
  private readonly fault: WriteFault;

  constructor(table: Records, fault: WriteFault) {
    this.table = table;
    this.fault = fault;
  }

  get size(): number {
    return this.table.size;
  }

  get(index: number): Uint8Array | undefined {
    return this.table.get(index);
  }

  put(index: number, record: Uint8Array): void {
    this.fault.write();
    this.table.put(index, record);
  }

  edit(index: number): Uint8Array {
    this.fault.write();
    return this.table.edit(index);
  }

  free(index: number): void {
    this.fault.write();
    this.table.free(index);
  }
}

class FaultyOrdered implements Ordered {
  private readonly table: Ordered;
  private readonly fault: WriteFault;

  constructor(table: Ordered, fault: WriteFault) {
    this.table = table;
    this.fault = fault;
  }

  get size(): number {
    return this.table.size;
  }

  get(key: ByteString): Uint8Array | undefined {
    return this.table.get(key);
  }

  put(key: ByteString, value: Uint8Array): void {
    this.fault.write();
    this.table.put(key, value);
  }

  delete(key: ByteString): boolean {
    this.fault.write();
    return this.table.delete(key);
  }

  first(): Entry | undefined {
    return this.table.first();
  }

  next(key: ByteString): Entry | undefined {
    return this.table.next(key);
  }

  range(from: ByteString, to?: ByteString): Iterable<Entry> {
    return this.table.range(from, to);
  }
}
