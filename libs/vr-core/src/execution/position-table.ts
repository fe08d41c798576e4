import type { ByteString } from '../encoding/byte-string';
import { Reader } from '../encoding/reader';
import { Writer } from '../encoding/writer';
import type { ClusterMs, OpNumber } from '../numbers/numbers';
import type { Ordered, Tables } from '../service/tables';

const KEY = 'position' as ByteString;
const NANOS = 1_000_000_000;

/** How far execution has come: in the state, because what comes next depends on it. */
export class PositionTable {
  opNumber = 0 as OpNumber;
  clusterMs = 0 as ClusterMs;
  /** Seconds and nanoseconds of the last stamp. */
  wallSeconds = 0;
  wallNanos = 0;
  /** Executed since the last op after which a checkpoint was due. */
  private opsSince = 0;
  private bytesSince = 0;
  private readonly table: Ordered;

  constructor(tables: Tables) {
    this.table = tables.ordered('position');
    const row = this.table.get(KEY);
    if (row !== undefined) this.load(new Reader(row));
  }

  store(opNumber: OpNumber, clusterMs: ClusterMs): void {
    this.opNumber = opNumber;
    this.clusterMs = clusterMs;
    const writer = new Writer(32);
    writer.varint(opNumber);
    writer.varint(clusterMs);
    writer.varint(this.wallSeconds);
    writer.u32(this.wallNanos);
    writer.varint(this.opsSince);
    writer.varint(this.bytesSince);
    this.table.put(KEY, writer.finish());
  }

  count(entryBytes: number): void {
    this.opsSince += 1;
    this.bytesSince += entryBytes;
  }

  isDue({ ops, bytes }: { readonly ops: number; readonly bytes: number }): boolean {
    return this.opsSince >= ops || this.bytesSince >= bytes;
  }

  restartCount(): void {
    this.opsSince = 0;
    this.bytesSince = 0;
  }

  /** The next stamp: the given time, or a nanosecond after the last one when that is later. `nanos` may overflow. */
  stampWall(seconds: number, nanos: number): void {
    const carry = Math.floor(nanos / NANOS);
    this.setLater(seconds + carry, nanos - carry * NANOS);
  }

  private setLater(seconds: number, nanos: number): void {
    const { wallSeconds, wallNanos } = this;
    const isLater = seconds > wallSeconds || (seconds === wallSeconds && nanos > wallNanos);
    const carry = !isLater && wallNanos + 1 === NANOS ? 1 : 0;
    this.wallSeconds = isLater ? seconds : wallSeconds + carry;
    this.wallNanos = isLater ? nanos : carry === 1 ? 0 : wallNanos + 1;
  }

  private load(reader: Reader): void {
    this.opNumber = reader.varint() as OpNumber;
    this.clusterMs = reader.varint() as ClusterMs;
    this.wallSeconds = reader.varint();
    this.wallNanos = reader.u32();
    this.opsSince = reader.varint();
    this.bytesSince = reader.varint();
  }
}
