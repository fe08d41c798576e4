import { toHex, type LogEntry, type ReplicaView } from '@lockstep/vr-core';
import type { Observer } from '../observer';
import type { ObservedHost } from '../observed-host';
import { holds } from '../violation';

export type CommitListener = (entry: LogEntry) => void;

/**
 * The one history of the group: what the first replica that knows an op to be committed holds there. Every other
 * replica must come to the same. (G1, G4)
 */
export class CommittedLog implements Observer {
  readonly entries: LogEntry[] = [];
  /** The highest view that had been begun anywhere when the op was committed. */
  private readonly views: number[] = [];
  private readonly hosts: readonly ObservedHost[];
  private readonly listeners: CommitListener[] = [];
  /** Up to here each running replica has been compared. */
  private readonly compared: number[];

  constructor(hosts: readonly ObservedHost[]) {
    this.hosts = hosts;
    this.compared = hosts.map(() => 0);
  }

  get length(): number {
    return this.entries.length;
  }

  onCommit(listener: CommitListener): void {
    this.listeners.push(listener);
  }

  started(host: ObservedHost): void {
    this.compared[host.self] = 0;
  }

  stepped(host: ObservedHost, view: ReplicaView): void {
    const known = Math.min(view.commitNumber, view.opNumber);
    for (let op = (this.compared[host.self] ?? 0) + 1; op <= known; op += 1) {
      this.compare(host, op, view.viewNumber);
      this.compared[host.self] = op;
    }
  }

  /** The highest op that was committed in a view before `viewNumber`. */
  committedBefore(viewNumber: number): number {
    let op = this.views.length;
    while (op > 0 && (this.views[op - 1] ?? 0) >= viewNumber) op -= 1;
    return op;
  }

  private compare(host: ObservedHost, op: number, viewNumber: number): void {
    const own = host.disk.asked[op - 1];
    const canonical = this.entries[op - 1];
    holds(
      'G1 agreement',
      own !== undefined,
      () => `replica ${host.self} commits op ${op}, which it does not hold`,
    );
    if (own === undefined) return;
    if (canonical === undefined) return this.commit(host, own, viewNumber);
    holds(
      'G1 agreement',
      own.hash === canonical.hash,
      () =>
        `replica ${host.self} commits ${toHex(own.hash)} as op ${op} in view ${viewNumber}, ` +
        `committed before was ${toHex(canonical.hash)} of view ${canonical.viewNumber}`,
    );
  }

  private commit(host: ObservedHost, entry: LogEntry, viewNumber: number): void {
    const op = entry.opNumber;
    const quorum = Math.floor(this.hosts.length / 2) + 1;
    const holders = this.hosts.filter((one) => isHeld(one, entry));
    holds(
      'G4 durability',
      holders.length >= quorum,
      () =>
        `replica ${host.self} takes op ${op} for committed in view ${viewNumber}, ` +
        `held by ${holders.map((one) => one.self).join(', ') || 'nobody'}`,
    );
    const before = this.entries.at(-1);
    holds('G1 agreement', op === this.length + 1, () => `op ${op} follows op ${this.length}`);
    holds(
      'I5 hash chain',
      entry.parentHash === (before?.hash ?? ''),
      () => `op ${op} does not name its predecessor`,
    );
    this.entries.push(entry);
    this.views.push(viewNumber);
    for (const listener of this.listeners) listener(entry);
  }
}

/**
 * On the disk in mode `durable`, in memory in mode `replicated`. A replica that is without its log just now may have
 * acknowledged what it held: it votes for nothing until it has a log again, so it takes nothing away.
 */
export function isHeld(host: ObservedHost, entry: LogEntry): boolean {
  const { disk } = host;
  const { log, condition } = disk.durable;
  const has = (one: readonly LogEntry[]): boolean => one[entry.opNumber - 1]?.hash === entry.hash;
  if (condition === 'lost' || host.view()?.status === 'recovering') return true;
  return disk.plan.mode === 'durable' ? has(log) : !host.running || has(disk.asked);
}
