import type { ByteString } from '../encoding/byte-string';
import { key as joined, keyU64, readKeyU64, terminated } from '../encoding/key';
import type { ClusterMs } from '../numbers/numbers';
import type { Ordered, Tables } from '../service/tables';
import type { Timers } from '../service/state-machine';

const NOTHING = new Uint8Array(0);

/** A timer: a service is told about `key` once the cluster clock has reached `atMs`. */
export interface Timer {
  readonly atMs: ClusterMs;
  readonly service: string;
  readonly key: ByteString;
}

/**
 * Timers of every service by the cluster clock, in the state like any table, run out in the order (deadline, service,
 * key) by Ticks alone. (R2; decision 22)
 */
export class TimerTable {
  /** (service, key) -> deadline. */
  private readonly deadlines: Ordered;
  /** (deadline, service, key) -> nothing. */
  private readonly due: Ordered;
  private readonly services: readonly string[];
  private readonly prefixes: readonly ByteString[];

  constructor(tables: Tables, services: readonly string[]) {
    this.deadlines = tables.ordered('deadlines');
    this.due = tables.ordered('due');
    this.services = services;
    this.prefixes = services.map(prefixOf);
  }

  /** The timers of one service, which never sees those of another. */
  of(service: string): Timers {
    return new ServiceTimers(this, prefixOf(service));
  }

  /** The timer that runs out first. */
  min(): Timer | undefined {
    const entry = this.due.first();
    return entry === undefined ? undefined : this.timerOf(entry[0]);
  }

  minMs(): ClusterMs | undefined {
    const entry = this.due.first();
    return entry === undefined ? undefined : (readKeyU64(entry[0], 0) as ClusterMs);
  }

  /** Timers of every service with a deadline below `endMs`, in order. Set none while iterating. */
  *before(endMs: number): Iterable<Timer> {
    for (const [due] of this.due.range('' as ByteString, keyU64(endMs))) yield this.timerOf(due);
  }

  /** One deadline a key: the new one replaces the old one. `owned` is the service's prefix and the key. */
  set(owned: ByteString, atMs: ClusterMs): void {
    this.cancel(owned);
    const deadline = keyU64(atMs);
    this.deadlines.put(owned, bytesOfU64(atMs));
    this.due.put(joined(deadline, owned), NOTHING);
  }

  cancel(owned: ByteString): void {
    const deadline = this.deadlines.get(owned);
    if (deadline === undefined) return;
    this.deadlines.delete(owned);
    this.due.delete(joined(keyU64(u64OfBytes(deadline)), owned));
  }

  private timerOf(due: ByteString): Timer {
    const at = this.prefixes.findIndex((prefix) => due.startsWith(prefix, 8));
    const service = this.services[at];
    if (service === undefined) throw new Error('a timer of a service that is not registered');
    const key = due.slice(8 + (this.prefixes[at] as ByteString).length) as ByteString;
    return { atMs: readKeyU64(due, 0) as ClusterMs, service, key };
  }
}

class ServiceTimers implements Timers {
  private readonly table: TimerTable;
  private readonly prefix: ByteString;

  constructor(table: TimerTable, prefix: ByteString) {
    this.table = table;
    this.prefix = prefix;
  }

  set(key: ByteString, atMs: ClusterMs): void {
    if (!Number.isSafeInteger(atMs) || atMs < 0) throw new RangeError(`no deadline: ${atMs}`);
    this.table.set(joined(this.prefix, key), atMs);
  }

  cancel(key: ByteString): void {
    this.table.cancel(joined(this.prefix, key));
  }
}

const prefixOf = (service: string): ByteString => terminated(service as ByteString);

function bytesOfU64(value: number): Uint8Array {
  const data = new Uint8Array(8);
  const view = new DataView(data.buffer);
  view.setUint32(0, Math.floor(value / 0x1_0000_0000));
  view.setUint32(4, value % 0x1_0000_0000);
  return data;
}

function u64OfBytes(data: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset);
  return view.getUint32(0) * 0x1_0000_0000 + view.getUint32(4);
}
