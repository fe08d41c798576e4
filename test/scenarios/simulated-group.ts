import {
  bodyOf,
  DEFAULT_LIMITS,
  isWitness,
  type Input,
  type Limits,
  type Message,
  type ReplicaNumber,
  type ReplicaView,
} from '@lockstep/vr-core';
import { Chance } from '../simulation/chance';
import { Doors } from '../simulation/clients/doors';
import type { Mode } from '../simulation/disk';
import { EventLines } from '../simulation/event-lines';
import type { Envelope } from '../simulation/network';
import { Rules } from '../simulation/rules';
import { SimulatedGroup } from '../simulation/simulated-group';
import type { SimulatedHost } from '../simulation/simulated-host';
import { inWords } from './operations';
import { ScenarioClient } from './scenario-client';

export interface ScenarioOptions {
  readonly replicas?: number;
  /** So many of the last of them are witnesses. */
  readonly witnesses?: number;
  readonly seed?: number;
  readonly mode?: Mode;
  readonly limits?: Partial<Limits>;
  /** One way, between replicas; the same for every message. */
  readonly delayMs?: number;
  readonly syncMs?: number;
}

const SETTLE_MS = 60_000;

/** A group that has started, in calm weather: 1 ms between replicas, nothing lost, until the scenario says otherwise. */
export function simulatedGroup(options: ScenarioOptions = {}): ScenarioGroup {
  const group = new ScenarioGroup(options);
  group.settle();
  return group;
}

/** Drives a simulated group by hand. Every rule of the simulator is checked after every step here too. */
export class ScenarioGroup {
  /** Every message that was sent, lost ones included. */
  readonly sent: Envelope[] = [];
  /** A line for each step of the protocol. */
  readonly lines: string[] = [];
  readonly rules: Rules;
  private readonly group: SimulatedGroup;
  private readonly doors: Doors;
  private readonly clients = new Map<string, ScenarioClient>();
  private readonly doomed = new Map<SimulatedHost, Message['kind']>();

  constructor({
    replicas = 3,
    witnesses = 0,
    seed = 1,
    mode,
    limits = {},
    delayMs,
    syncMs,
  }: ScenarioOptions) {
    this.group = new SimulatedGroup({
      replicas,
      witnesses,
      chance: new Chance(`scenario ${seed}`),
      network: {
        delayMinMs: delayMs ?? 1,
        delayMeanMs: 0,
        loss: 0,
        duplication: 0,
        encodeEvery: 1,
      },
      disk: { syncMeanMs: syncMs ?? 0.1, groupCommit: true, mode: mode ?? 'durable' },
      limits,
      flushDelayMs: 0,
    });
    this.doors = new Doors();
    const { observers } = this.group;
    observers.add(this.doors);
    observers.add(new EventLines((line) => this.lines.push(line)));
    observers.add({
      send: (host, to, message) => void this.sent.push({ from: host.self, to, message }),
    });
    this.rules = new Rules(this.group, { ...DEFAULT_LIMITS, ...limits });
    observers.add({ input: (host, input) => this.crashWhenDue(this.host(host.self), input) });
    this.group.start();
  }

  get nowMs(): number {
    return this.group.time.nowMs;
  }

  client(name: string): ScenarioClient {
    let client = this.clients.get(name);
    if (client === undefined) {
      client = new ScenarioClient(name, {
        doors: this.doors,
        counters: this.rules.counters,
        host: (number) => this.group.host(number),
        anyDoor: () => this.likelyPrimary(),
        after: (delayMs, action) => this.group.time.after(delayMs, action),
      });
      this.clients.set(name, client);
    }
    return client;
  }

  host(number: number): SimulatedHost {
    return this.group.host(number);
  }

  /** What replica `number` shows of itself; throws when it is down. */
  view(number: number): ReplicaView {
    const view = this.group.host(number).view();
    if (view === undefined) throw new Error(`replica ${number} is down`);
    return view;
  }

  /** The replica that serves in the highest view. */
  primary(): number {
    const serving = this.group.hosts.filter((host) => host.view()?.serving === true);
    const first = serving.sort((a, b) => viewNumberOf(b) - viewNumberOf(a))[0];
    if (first === undefined) throw new Error(`nobody serves: ${this.describe()}`);
    return first.self;
  }

  serves(): boolean {
    return this.group.hosts.some((host) => host.view()?.serving === true);
  }

  backups(): number[] {
    const primary = this.primary();
    return this.group.hosts.map((host) => host.self as number).filter((one) => one !== primary);
  }

  /** The requests in a replica's log, in words and in order: also those not yet committed. */
  logOf(number: number): string[] {
    return this.host(number)
      .disk.asked.readable()
      .flatMap((entry) => bodyOf(entry).requests.map(inWords));
  }

  /** The requests that the group has committed. */
  committed(): string[] {
    return this.rules.committed.entries.flatMap((entry) => bodyOf(entry).requests.map(inWords));
  }

  /** A new node with an empty disk, that knows the group as this replica does and follows it. Its number. (VRR §7.5) */
  join(knownBy: number): number {
    return this.group.join(this.view(knownBy).epoch).self;
  }

  /** At once, or as soon as it has taken a message of this kind in. */
  crash(number: number, when: { readonly after?: Message['kind'] } = {}): void {
    if (when.after === undefined) this.host(number).crash();
    else this.doomed.set(this.host(number), when.after);
  }

  /** With its disk as it is, or without its log. */
  restart(number: number, disk: { readonly log?: 'lost' } = {}): void {
    if (disk.log === 'lost') this.host(number).disk.loseLog();
    this.host(number).start();
  }

  pause(number: number): void {
    this.host(number).pause();
  }

  resume(number: number): void {
    this.host(number).resume();
  }

  /** Nothing becomes durable at this replica until `releaseDisk`. */
  holdDisk(number: number): void {
    this.host(number).disk.hold();
  }

  releaseDisk(number: number): void {
    const host = this.host(number);
    host.disk.letGo(host.stored);
  }

  /** Only replicas of one side hear each other. */
  partition(sides: readonly (readonly number[])[]): void {
    this.heal();
    const sideOf = (number: number): number => sides.findIndex((side) => side.includes(number));
    for (const { self: from } of this.group.hosts) {
      for (const { self: to } of this.group.hosts) {
        if (sideOf(from) !== sideOf(to)) this.group.network.cut(from, to);
      }
    }
  }

  /** One direction of one link. */
  cut(from: number, to: number): void {
    this.group.network.cut(from, to);
  }

  heal(): void {
    this.group.network.mendAll();
  }

  /** From now on messages like this wait. Replaces what was held before; what waits goes on waiting. */
  hold(matches: (envelope: Envelope) => boolean): void {
    this.group.network.holds = matches;
  }

  /** Lets the waiting messages that match go on their way, and holds nothing more if none is named. */
  release(matches?: (envelope: Envelope) => boolean): void {
    if (matches === undefined) this.group.network.holds = undefined;
    this.group.network.release(matches ?? ((): boolean => true));
  }

  held(): readonly Envelope[] {
    return this.group.network.heldMessages();
  }

  /** From now on messages like this are lost; none if nothing is named. */
  drop(matches?: (envelope: Envelope) => boolean): void {
    this.group.network.drops = matches;
  }

  /** Hands a message to a replica, whoever made it. */
  deliver(to: number, message: Message): void {
    this.host(to).take({ kind: 'message', message });
  }

  take(number: number, input: Input): void {
    this.host(number).take(input);
  }

  peerLost(at: number, peer: number): void {
    this.take(at, { kind: 'peer-lost', replicaNumber: peer as ReplicaNumber });
  }

  run(ms: number): void {
    this.group.time.run(this.nowMs + ms, () => false);
  }

  /** Until the condition holds; throws when it does not come true within a simulated minute. */
  runUntil(condition: () => boolean): void {
    if (condition()) return;
    this.group.time.run(this.nowMs + SETTLE_MS, condition);
    if (!condition()) throw new Error(`has not happened: ${this.describe()}`);
  }

  /** Until every running replica is in one normal view, has executed the same, and every client has its answer. */
  settle(): void {
    this.runUntil(() => this.isSettled());
  }

  isSettled(): boolean {
    const views = this.group.hosts.flatMap((host) => host.view() ?? []);
    const running = this.group.hosts.filter((host) => host.running);
    const first = views[0];
    if (first === undefined || views.length < running.length) return false;
    return (
      this.clientsAreAnswered() &&
      views.some((view) => view.serving) &&
      views.every(
        (view) =>
          view.status === 'normal' &&
          view.viewNumber === first.viewNumber &&
          (isWitness(view.epoch.configuration, view.replicaNumber) ||
            (view.opNumber === first.opNumber && view.executedNumber === first.opNumber)),
      )
    );
  }

  describe(): string {
    return this.group.hosts
      .map((host) => {
        const view = host.view();
        return view === undefined
          ? `replica ${host.self} down`
          : `replica ${host.self} ${view.status} view ${view.viewNumber} op ${view.opNumber} executed ${view.executedNumber}`;
      })
      .join('; ');
  }

  private clientsAreAnswered(): boolean {
    for (const { persistent } of this.clients.values()) {
      if (persistent.some((asked) => asked.answer === undefined)) return false;
    }
    return true;
  }

  private likelyPrimary(): SimulatedHost {
    const running = this.group.hosts.filter((host) => host.running && !host.paused);
    const serving = running.filter((host) => host.view()?.serving === true);
    const best = (serving.length > 0 ? serving : running).sort(
      (a, b) => viewNumberOf(b) - viewNumberOf(a),
    )[0];
    return best ?? this.group.host(0);
  }

  private crashWhenDue(host: SimulatedHost, input: Input): void {
    const kind = this.doomed.get(host);
    if (kind === undefined || input.kind !== 'message' || input.message.kind !== kind) return;
    this.doomed.delete(host);
    this.group.time.after(0, () => host.crash());
  }
}

function viewNumberOf(host: SimulatedHost): number {
  return host.view()?.viewNumber ?? -1;
}
