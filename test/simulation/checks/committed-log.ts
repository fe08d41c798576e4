import {
  bodyOf,
  quorumOf,
  toHex,
  type Configuration,
  type LogEntry,
  type ReplicaView,
  type Viewstamp,
} from '@lockstep/vr-core';
import type { Observer } from '../observer';
import type { ObservedHost } from '../observed-host';
import type { LogImage } from '../log-image';
import { holds } from '../violation';
import { viewstampKey } from '../viewstamp-key';

export type CommitListener = (entry: LogEntry) => void;

/**
 * The one history of the group: what the first replica that knows an op to be committed holds there. Every other
 * replica must come to the same. (G1, G4)
 */
export class CommittedLog implements Observer {
  readonly entries: LogEntry[] = [];
  /** The view in which the op was first known to be committed. */
  private readonly views: number[] = [];
  /** The group of each epoch, by its number. */
  readonly configurations: Configuration[] = [];
  private readonly hosts: readonly ObservedHost[];
  private readonly listeners: CommitListener[] = [];
  /** Up to here each running replica has been compared. */
  private readonly compared: number[] = [];

  /** `hosts` grows when a replica joins. */
  constructor(hosts: readonly ObservedHost[], first: Configuration) {
    this.hosts = hosts;
    this.configurations[first.epochNumber] = first;
  }

  get length(): number {
    return this.entries.length;
  }

  onCommit(listener: CommitListener): void {
    this.listeners.push(listener);
  }

  started(host: ObservedHost): void {
    this.compared[host.self] = host.disk.asked.base.opNumber;
  }

  stepped(host: ObservedHost, view: ReplicaView): void {
    const known = Math.min(view.commitNumber, view.opNumber);
    // What came as a checkpoint is compared as a state.
    const from = Math.max(this.compared[host.self] ?? 0, view.baseNumber);
    for (let op = from + 1; op <= known; op += 1) {
      this.compare(host, op, view);
      this.compared[host.self] = op;
    }
  }

  /** The highest op that was committed in a view before that one. */
  committedBefore(view: Viewstamp): number {
    let op = this.views.length;
    while (op > 0 && (this.views[op - 1] ?? 0) >= viewstampKey(view)) op -= 1;
    return op;
  }

  private compare(host: ObservedHost, op: number, view: ReplicaView): void {
    const { viewNumber } = view;
    const own = host.disk.asked.at(op);
    const canonical = this.entries[op - 1];
    holds(
      'G1 agreement',
      own !== undefined,
      () => `replica ${host.self} commits op ${op}, which it does not hold`,
    );
    if (own === undefined) return;
    if (canonical === undefined) return this.commit(host, own, view);
    holds(
      'G1 agreement',
      own.hash === canonical.hash,
      () =>
        `replica ${host.self} commits ${toHex(own.hash)} as op ${op} in view ${viewNumber}, ` +
        `committed before was ${toHex(canonical.hash)} of view ${canonical.viewNumber}`,
    );
  }

  private commit(host: ObservedHost, entry: LogEntry, view: ReplicaView): void {
    const op = entry.opNumber;
    const { viewNumber } = view;
    // Every op of an epoch is committed in it.
    const group = this.configurations[entry.epochNumber] as Configuration;
    const holders = this.hosts.filter((one) => isIn(group, one) && isHeld(one, entry));
    holds(
      'G4 durability',
      holders.length >= quorumOf(group),
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
    this.views.push(viewstampKey(view));
    const { reconfiguration } = bodyOf(entry);
    if (reconfiguration) this.configurations[reconfiguration.epochNumber] = reconfiguration;
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
  const has = (one: LogImage): boolean => one.holds(entry.opNumber, entry.hash);
  if (condition === 'lost' || condition === 'wiped' || host.view()?.status === 'recovering')
    return true;
  return disk.plan.mode === 'durable' ? has(log) : !host.running || has(disk.asked);
}

function isIn(group: Configuration, host: ObservedHost): boolean {
  return group.members.some((member) => member.replicaNumber === host.self);
}
