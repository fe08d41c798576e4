import { DEFAULT_LIMITS, isMember, isWitness } from '@lockstep/vr-core';
import { Chance } from './chance';
import { ClientHistory } from './checks/client-history';
import { Population } from './clients/population';
import { Doors } from './clients/doors';
import { EventLines } from './event-lines';
import { leasesHold } from './faults/draw-leases';
import { drawPlan } from './faults/draw-plan';
import { FaultInjector } from './faults/injector';
import { newestEpoch, Operator } from './faults/operator';
import type { Plan, Profile } from './faults/plan';
import { LivenessPhase } from './liveness';
import { Rules } from './rules';
import { SimulatedGroup } from './simulated-group';
import { TICK_MS, type SimulatedHost } from './simulated-host';
import { Trace } from './trace';
import { holds, Violation } from './violation';

export interface SimulationOptions {
  readonly seed: number;
  /** How long the faults go on, in ticks of 10 ms. */
  readonly ticks: number;
  readonly profile: Profile;
  /** Drawn from the seed when it is not given. */
  readonly replicas?: number | undefined;
  readonly witnesses?: number | undefined;
  /** Called with a line for each step of the protocol. */
  readonly write?: ((line: string) => void) | undefined;
}

export interface Report {
  readonly seed: number;
  readonly profile: Profile;
  readonly replicas: number;
  readonly witnesses: number;
  readonly mode: string;
  readonly verdict: 'passed' | 'failed';
  readonly violation: string | undefined;
  /** The rule that was broken. */
  readonly rule: string | undefined;
  readonly operations: number;
  readonly committed: number;
  readonly grants: number;
  /** Reads that clients had from a lease. */
  readonly leased: number;
  readonly views: number;
  readonly epochs: number;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly fingerprint: string;
}

/** The group gets so long, without new faults, to answer everyone and agree. */
const SETTLE_MS = 60_000;

/** Runs one seed: faults, then none; every rule after every step. */
export function simulate(options: SimulationOptions): Report {
  return new Simulation(options).run();
}

/** Those of the newest epoch, and of the one before: not every client has heard of the change. */
function doorsOf(group: SimulatedGroup): readonly SimulatedHost[] {
  return group.hosts.filter((host) => hasDoor(group, host));
}

/** Clients know which replicas are witnesses, though the replica itself may not have heard that it is none any more. */
function hasDoor(group: SimulatedGroup, { self }: SimulatedHost): boolean {
  const { configuration, previous } = newestEpoch(group);
  if (isMember(configuration, self)) return !isWitness(configuration, self);
  return previous !== undefined && isMember(previous, self) && !isWitness(previous, self);
}

class Simulation {
  private readonly options: SimulationOptions;
  private readonly plan: Plan;
  private readonly chance: Chance;
  private readonly group: SimulatedGroup;
  private readonly injector: FaultInjector;
  private readonly rules: Rules;
  private readonly history: ClientHistory;
  private readonly trace = new Trace();
  private readonly population: Population;
  private readonly operator: Operator;
  /** The doors that clients know. */
  private reachable: () => readonly SimulatedHost[];

  constructor(options: SimulationOptions) {
    this.options = options;
    this.chance = new Chance(`seed ${options.seed} ${options.profile}`);
    this.plan = drawPlan(this.chance.stream('plan'), options.profile, options);
    const { replicas, witnesses, network, disk, limits, flushDelayMs, faults } = this.plan;
    const chance = this.chance.stream('group');
    this.group = new SimulatedGroup({
      replicas,
      witnesses,
      chance,
      network,
      disk,
      limits,
      flushDelayMs,
    });
    this.reachable = () => doorsOf(this.group);
    const doors = new Doors();
    this.operator = new Operator(
      this.group,
      doors,
      faults.membership,
      this.chance.stream('operator'),
      () => this.group.hosts.some((host) => this.injector.needsOthers(host)),
    );
    this.injector = new FaultInjector(
      this.group,
      faults,
      this.chance.stream('injector'),
      () => this.operator.isChanging,
    );
    this.group.observers.add(this.trace);
    if (options.write) this.group.observers.add(new EventLines(options.write));
    this.rules = new Rules(this.group, { ...DEFAULT_LIMITS, ...limits }, leasesHold(this.plan));
    this.history = new ClientHistory(leasesHold(this.plan));
    this.population = this.populate(doors);
    this.group.observers.add(this.injector);
  }

  run(): Report {
    try {
      this.runFaults();
      this.runLiveness();
      return this.report(undefined);
    } catch (fault) {
      if (fault instanceof Violation) return this.report(fault);
      throw new Error(`the simulator itself failed, with seed ${this.options.seed}`, {
        cause: fault,
      });
    }
  }

  private runFaults(): void {
    this.group.start();
    const lastsMs = this.options.ticks * TICK_MS;
    this.injector.start(lastsMs);
    this.population.start();
    this.operator.start();
    this.group.time.run(lastsMs, () => false);
    this.injector.stop();
    this.operator.stop();
  }

  private runLiveness(): void {
    const { time } = this.group;
    const chance = this.chance.stream('liveness');
    const phase = new LivenessPhase(this.group, this.injector, this.operator, chance);
    this.reachable = () => phase.core.filter((host) => hasDoor(this.group, host));
    this.population.settle();
    const done = (): boolean =>
      this.population.pending === 0 && !this.operator.isChanging && phase.settled;
    time.run(time.nowMs + SETTLE_MS, done);
    holds(
      'L1 every request completes',
      this.population.pending === 0,
      () => `${this.population.pending} requests wait: ${phase.describe()}`,
    );
    holds('L4 every change of the group ends', !this.operator.isChanging, () => phase.describe());
    holds('L2 replicas converge', phase.settled, () => phase.describe());
    phase.check();
    this.rules.counters.checkSums();
  }

  private populate(doors: Doors): Population {
    const { group, history, rules } = this;
    group.observers.add(doors);
    return new Population({
      time: group.time,
      chance: this.chance.stream('clients'),
      plan: this.plan.clients,
      doors,
      history,
      counters: rules.counters,
      sessions: rules.sessions,
      reachable: () => this.reachable(),
      committed: () => this.rules.committed.length,
    });
  }

  private report(violation: Violation | undefined): Report {
    const { group, options, plan } = this;
    const { lost, duplicated, cut } = group.network.counts;
    return {
      seed: options.seed,
      profile: options.profile,
      replicas: plan.replicas,
      witnesses: plan.witnesses,
      mode: plan.disk.mode,
      verdict: violation === undefined ? 'passed' : 'failed',
      violation: violation && `${violation.message} (at ${Math.round(group.time.nowMs)} ms)`,
      rule: violation?.rule,
      operations: this.history.operations,
      committed: this.rules.committed.length,
      grants: this.rules.locks.grants,
      leased: this.history.leased,
      views: Math.max(...group.hosts.map((host) => host.disk.durable.promise.viewNumber)),
      epochs: newestEpoch(group).configuration.epochNumber,
      steps: this.trace.steps,
      simulatedMs: Math.round(group.time.nowMs),
      faults: {
        ...this.injector.counts,
        ...this.operator.counts,
        'lost message': lost,
        'duplicated message': duplicated,
        'message on a cut link': cut,
        'dead client': this.population.deaths,
      },
      fingerprint: this.trace.fingerprint,
    };
  }
}
