import type { ByteString } from '../encoding/byte-string';
import { Reader } from '../encoding/reader';
import { Writer } from '../encoding/writer';
import type { ClusterMs, OpNumber } from '../numbers/numbers';
import type { Ordered, Tables } from '../service/tables';
import type { Wall } from './moment';

const KEY = 'position' as ByteString;
const NANOS = 1_000_000_000;

/** How far execution has come: in the state, because what comes next depends on it. */
export class PositionTable {
  opNumber = 0 as OpNumber;
  clusterMs = 0 as ClusterMs;
  wall: Wall = { seconds: 0, nanos: 0 };
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
    writer.varint(this.wall.seconds);
    writer.u32(this.wall.nanos);
    this.table.put(KEY, writer.finish());
  }

  /** The next stamp: the given time, or a nanosecond after the last one when that is later. `nanos` may overflow. */
  stampWall(seconds: number, nanos: number): void {
    const carry = Math.floor(nanos / NANOS);
    const next = { seconds: seconds + carry, nanos: nanos - carry * NANOS };
    this.wall = isAfter(next, this.wall) ? next : oneLater(this.wall);
  }

  private load(reader: Reader): void {
    this.opNumber = reader.varint() as OpNumber;
    this.clusterMs = reader.varint() as ClusterMs;
    this.wall = { seconds: reader.varint(), nanos: reader.u32() };
  }
}

const isAfter = (a: Wall, b: Wall): boolean =>
  a.seconds > b.seconds || (a.seconds === b.seconds && a.nanos > b.nanos);

const oneLater = ({ seconds, nanos }: Wall): Wall =>
  nanos + 1 < NANOS ? { seconds, nanos: nanos + 1 } : { seconds: seconds + 1, nanos: 0 };
