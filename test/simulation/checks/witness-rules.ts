import {
  activesOf,
  isWitness,
  type Epoch,
  type Message,
  type ReplicaNumber,
  type ReplicaView,
  type Store,
} from '@lockstep/vr-core';
import type { Observer } from '../observer';
import type { ObservedHost } from '../observed-host';
import { holds } from '../violation';

/** Said by a primary, or by who forwards for clients: never by a witness. */
const NOT_A_WITNESS: ReadonlySet<Message['kind']> = new Set([
  'Prepare',
  'Commit',
  'StartView',
  'Forward',
  'Forwarded',
  'KeepAlive',
  'KeptAlive',
  'ReadIndex',
]);

/** A witness executes nothing and leads nobody; and what it lets go of, every active has. (VRR §6.1; I13, G10) */
export class WitnessRules implements Observer {
  private readonly hosts: readonly ObservedHost[];
  /** Up to here each replica's knowledge of the base has been compared with the disks of the actives. */
  private readonly compared: number[] = [];
  /** The epoch that each replica has told its disk of in this life. */
  private readonly epochs = new Map<number, Epoch>();

  /** `hosts` grows when a replica joins. */
  constructor(hosts: readonly ObservedHost[]) {
    this.hosts = hosts;
  }

  send(host: ObservedHost, to: ReplicaNumber, { kind }: Message): void {
    holds(
      'I13 a witness is never primary',
      !isWitnessIn(host) || !NOT_A_WITNESS.has(kind),
      () => `the witness ${host.self} sends ${kind} to ${to}`,
    );
  }

  stepped(host: ObservedHost, view: ReplicaView): void {
    if (isWitness(view.epoch.configuration, view.replicaNumber)) {
      holds(
        'I13 a witness executes nothing',
        // What it executed before, while it followed as a learner, it may still have.
        view.executedNumber <= view.epoch.startOp && !view.serving,
        () => `the witness ${host.self} has executed op ${view.executedNumber}`,
      );
    }
    if (view.witnessBase <= (this.compared[host.self] ?? 0)) return;
    this.compared[host.self] = view.witnessBase;
    this.checkHeld(host, view, view.witnessBase);
  }

  crashed(host: ObservedHost): void {
    this.epochs.delete(host.self);
  }

  store(host: ObservedHost, { base, witnessBase, promise }: Store): void {
    // The promise of an epoch may still be on its way to the disk.
    if (promise !== undefined) this.epochs.set(host.self, promise.epoch);
    const epoch = this.epochs.get(host.self) ?? host.disk.durable.promise.epoch;
    holds(
      'G10 no witness lets go of what an active lacks',
      !isWitnessIn(host) || base.opNumber <= Math.max(witnessBase, epoch.startOp),
      () => `the witness ${host.self} begins its log after op ${base.opNumber}`,
    );
  }

  /**
   * Each active that has a log at all has it up to the base, where its own mode puts it. What lies before an epoch is kept
   * for the actives of that epoch by those of the one before. (E30)
   */
  private checkHeld(host: ObservedHost, { epoch }: ReplicaView, base: number): void {
    if (base <= epoch.startOp) return;
    for (const { replicaNumber } of activesOf(epoch.configuration)) {
      const active = this.hosts[replicaNumber];
      if (active === undefined || lacksItsLog(active)) continue;
      const { plan, durable, asked } = active.disk;
      const held = plan.mode === 'durable' ? durable.log.opNumber : asked.opNumber;
      holds(
        'G10 no witness lets go of what an active lacks',
        held >= base,
        () =>
          `replica ${host.self} says that every active has op ${base}, ` +
          `replica ${active.self} has ${held}`,
      );
    }
  }
}

/** It takes part in nothing before others have given it everything. */
function lacksItsLog(host: ObservedHost): boolean {
  const { durable, plan } = host.disk;
  const isGone = durable.condition === 'lost' || durable.condition === 'wiped';
  return (
    isGone || host.view()?.status === 'recovering' || (plan.mode === 'replicated' && !host.running)
  );
}

function isWitnessIn({ disk, self }: ObservedHost): boolean {
  return isWitness(disk.durable.promise.epoch.configuration, self);
}
