import {
  decodeGroupOutcome,
  encodeGroupOperation,
  GROUP,
  type Configuration,
  type Epoch,
  type Member,
  type Request,
} from '@lockstep/vr-core';
import type { Chance } from '../chance';
import type { Doors } from '../clients/doors';
import { keyedName, requestOf } from '../services';
import type { SimulatedGroup } from '../simulated-group';
import type { SimulatedHost } from '../simulated-host';
import type { MembershipPlan } from './plan';

const SIZE_MAX = 7;
const DOOR_TIMEOUT_MS = 4000;
const RETRY_MEAN_MS = 100;

const CHANGES = ['grow', 'shrink', 'replace one', 'replace all', 'turn', 'swap roles'] as const;

/**
 * Somebody who changes the group: new nodes join and follow, then one operation makes them members in place of others.
 * Asks again, at any door, until there is an answer. (VRR §7)
 */
export class Operator {
  readonly counts: Record<string, number> = {};
  private readonly group: SimulatedGroup;
  private readonly doors: Doors;
  private readonly plan: MembershipPlan;
  private readonly chance: Chance;
  /** Somebody has lost its log: a smaller group might not be made to survive that. */
  private readonly isHurt: () => boolean;
  private asked = 0;
  private stopped = false;
  private underWay = false;
  /** The newest epoch of which every active has had a whole state on its disk. */
  private standsAlone: number | undefined;

  constructor(
    group: SimulatedGroup,
    doors: Doors,
    plan: MembershipPlan,
    chance: Chance,
    isHurt: () => boolean,
  ) {
    this.group = group;
    this.isHurt = isHurt;
    this.doors = doors;
    this.plan = plan;
    this.chance = chance;
  }

  /**
   * A change has been asked for and its outcome is not known, or not all of the new group work in it, or have had a whole
   * state since: so long the group may need old members. (E30)
   */
  get isChanging(): boolean {
    const { configuration } = newestEpoch(this.group);
    const { epochNumber, members } = configuration;
    if (this.underWay || !members.every((member) => this.worksIn(configuration, member)))
      return true;
    if (members.every((member) => this.holdsState(member))) this.standsAlone = epochNumber;
    return this.standsAlone !== epochNumber;
  }

  private worksIn({ epochNumber }: Configuration, { replicaNumber }: Member): boolean {
    const view = this.group.hosts[replicaNumber]?.disk.durable.lastNormalView;
    return view?.epochNumber === epochNumber;
  }

  private holdsState({ replicaNumber, role }: Member): boolean {
    if (role === 'witness') return true;
    const host = this.group.hosts[replicaNumber];
    return host?.view()?.stateWhole === true && !host.disk.durable.pages.isMixed;
  }

  start(): void {
    if (this.plan.everyMs > 0) this.planChange();
  }

  /** Asks for nothing new. What is under way is asked on. */
  stop(): void {
    this.stopped = true;
  }

  private planChange(): void {
    this.group.time.after(this.chance.exponential(this.plan.everyMs), () => {
      if (this.stopped) return;
      this.change();
      this.planChange();
    });
  }

  private change(): void {
    const epoch = newestEpoch(this.group);
    if (this.underWay || this.isHurt() || this.group.hosts.length > this.plan.nodesMax) return;
    const change = this.chance.pick(CHANGES);
    const members = this.membersAfter(change, epoch);
    if (members === undefined) return;
    this.count(`asked to ${change}`);
    this.underWay = true;
    this.ask(epoch.configuration, members, `reconfiguration ${(this.asked += 1)}`);
  }

  private membersAfter(change: (typeof CHANGES)[number], epoch: Epoch): Member[] | undefined {
    const { members } = epoch.configuration;
    const { chance } = this;
    const size = members.length;
    const ofTwoRoles = hasWitnesses(members);
    switch (change) {
      case 'grow':
        if (ofTwoRoles || size < 3 || size + 1 > SIZE_MAX) return undefined;
        return [...members, this.joined(epoch, 'active')];
      case 'shrink': {
        if (ofTwoRoles || size <= 3) return undefined;
        const leaving = chance.pick(members);
        return members.filter((member) => member !== leaving);
      }
      case 'replace one': {
        if (size < 3) return undefined;
        const leaving = chance.pick(members);
        return members.map((one) => (one === leaving ? this.joined(epoch, one.role) : one));
      }
      case 'replace all':
        if (size !== 3) return undefined;
        return members.map((one) => this.joined(epoch, one.role));
      case 'swap roles':
        return size % 2 === 1 && size > 1 ? this.swapped(members) : undefined;
      case 'turn':
        return size < 3 ? undefined : [...members.slice(1), ...members.slice(0, 1)];
    }
  }

  /** An active and a witness change places; or all become active; or, of a group without witnesses, as many as may fail do. */
  private swapped(members: readonly Member[]): Member[] {
    if (!hasWitnesses(members)) return this.withWitnesses(members);
    if (this.chance.happens(0.25)) return members.map((one) => ({ ...one, role: 'active' }));
    const down = this.chance.pick(members.filter(({ role }) => role === 'active'));
    const up = this.chance.pick(members.filter(({ role }) => role === 'witness'));
    return members.map((one) => {
      if (one === down) return { ...one, role: 'witness' };
      return one === up ? { ...one, role: 'active' } : one;
    });
  }

  private withWitnesses(members: readonly Member[]): Member[] {
    const down = this.chance.shuffled(members).slice(0, (members.length - 1) / 2);
    return members.map((one) => (down.includes(one) ? { ...one, role: 'witness' } : one));
  }

  private joined(epoch: Epoch, role: Member['role']): Member {
    this.count('joined replica');
    return memberAt(this.group.join(epoch), role);
  }

  /** Until it is accepted, or refused for good. */
  private ask(current: Configuration, members: readonly Member[], name: string): void {
    const { time } = this.group;
    const door = this.chance.pick(this.group.hosts);
    const again = (): void => {
      time.after(this.chance.exponential(RETRY_MEAN_MS), () => this.ask(current, members, name));
    };
    if (!door.running) return again();
    const request = reconfigurationOf(current, members, name);
    let answered = false;
    this.doors.request(door, request, DOOR_TIMEOUT_MS, (answer) => {
      if (answered) return;
      answered = true;
      if (answer === 'connection-lost' || answer.kind === 'problem') return again();
      const outcome = decodeGroupOutcome(answer.bytes);
      if (outcome.kind === 'accepted') return this.end('reconfiguration');
      if (outcome.kind !== 'refused') return;
      const isFinal = outcome.objections.some((objection) => FINAL.has(objection));
      if (isFinal || this.stopped) this.end('refused reconfiguration');
      else again();
    });
  }

  private end(how: string): void {
    this.underWay = false;
    this.count(how);
  }

  private count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }
}

const hasWitnesses = (members: readonly Member[]): boolean =>
  members.some((member) => member.role === 'witness');

/** Another change came first, or the group would not be one. */
const FINAL: ReadonlySet<string> = new Set([
  'another-epoch',
  'group-size',
  'repeated-node',
  'changed-number',
  'used-number',
  'witness-count',
]);

/** The newest epoch that any disk knows: what an operator would find by asking around. */
export function newestEpoch(group: SimulatedGroup): Epoch {
  let newest = group.epoch;
  for (const { disk } of group.hosts) {
    const { epoch } = disk.durable.promise;
    if (epoch.configuration.epochNumber > newest.configuration.epochNumber) newest = epoch;
  }
  return newest;
}

function memberAt(host: SimulatedHost, role: Member['role']): Member {
  const nodeId = `node-${host.self}`;
  return { replicaNumber: host.self, nodeId, role, peerUrl: '', clientUrl: '' };
}

function reconfigurationOf(
  { epochNumber }: Configuration,
  members: readonly Member[],
  name: string,
): Request {
  const bytes = encodeGroupOperation({ kind: 'reconfigure', epochNumber, members });
  return requestOf(keyedName(name), 'operator', { service: GROUP, bytes }, 0);
}
