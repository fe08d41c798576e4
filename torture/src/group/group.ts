import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { comesTrue } from '../clock';
import type { Network } from '../network/network';
import { Proxy } from '../network/proxy';
import { NEW_GROUP_PROGRAM, REPLICA_PROGRAM } from '../places';
import { putOnDisk } from './disk';
import { Ports } from './ports';
import { Replica, type Role } from './replica';
import { isReady, statusOf, type OwnStatus } from './status';

const run = promisify(execFile);

export interface GroupPlan {
  readonly folder: string;
  readonly replicas: number;
  readonly witnesses: number;
  readonly network: Network;
  readonly onDeath: (replica: Replica, how: string) => void;
  /** Stands between the replicas and their disks, when these are to fail. */
  readonly library: string | undefined;
}

interface MemberJson {
  readonly id: string;
  readonly replicaNumber: number;
  readonly role: Role;
}

/**
 * A real group: every replica a process of the server, reached by the others and by clients through proxies alone. What
 * `npm start` does for its group is done here, so that it can also be undone at the wrong moment.
 */
export class Group {
  readonly plan: GroupPlan;
  readonly ports = new Ports();
  /** Members, and who would be or was one, by replica-number. */
  readonly replicas = new Map<number, Replica>();
  #members: readonly number[] = [];

  private constructor(plan: GroupPlan) {
    this.plan = plan;
  }

  static async make(plan: GroupPlan): Promise<Group> {
    if (!existsSync(REPLICA_PROGRAM))
      throw new Error(`${REPLICA_PROGRAM} is not built: npm run build`);
    const group = new Group(plan);
    await mkdir(plan.folder, { recursive: true });
    const { folder, replicas, witnesses } = plan;
    const basePort = await group.ports.row(replicas);
    const wanted = { folder, replicas, witnesses, host: '127.0.0.1', basePort, mode: 'durable' };
    await run(process.execPath, [NEW_GROUP_PROGRAM, JSON.stringify(wanted)]);
    for (let number = 0; number < replicas; number += 1) await group.#adopt(number);
    await group.#writeAddresses();
    group.#members = [...group.replicas.keys()];
    for (const replica of group.replicas.values()) replica.start();
    return group;
  }

  get members(): readonly Replica[] {
    return this.#members.flatMap((number) => this.replicas.get(number) ?? []);
  }

  get actives(): readonly Replica[] {
    return this.members.filter(({ role }) => role === 'active');
  }

  /** How many members may be lost. */
  get f(): number {
    return Math.floor((this.#members.length - 1) / 2);
  }

  /** Where clients find the group. */
  get doors(): readonly string[] {
    return this.actives.map(({ plan }) => plan.clients.url);
  }

  folderOf(number: number): string {
    return join(this.plan.folder, `replica-${number}`);
  }

  /** A folder that is there already becomes a replica of ours; it is not started. */
  async #adopt(number: number): Promise<Replica> {
    const folder = this.folderOf(number);
    const identity = JSON.parse(await readFile(join(folder, 'identity.json'), 'utf8')) as {
      readonly nodeId: string;
      readonly url: string;
      readonly epoch: { readonly replicas: readonly MemberJson[] };
    };
    const { nodeId: id, url, epoch } = identity;
    const port = Number(new URL(url).port);
    const { network, onDeath } = this.plan;
    const diallers = (): string[] =>
      [...this.replicas.values()].map((each) => each.id).filter((each) => each !== id);
    const peers = await Proxy.open({ network, node: id, targetPort: port, diallers });
    const clients = await Proxy.open({ network, node: id, targetPort: port });
    const role = epoch.replicas.find((member) => member.id === id)?.role ?? 'active';
    const replica = new Replica({ number, id, folder, port, peers, clients, onDeath }, role);
    if (this.plan.library !== undefined) putOnDisk(this.plan.folder, replica, this.plan.library);
    this.replicas.set(number, replica);
    return replica;
  }

  adopt(number: number): Promise<Replica> {
    return this.#adopt(number);
  }

  /** In the first epoch everybody finds everybody through proxies. Later ones are told so by who makes them. */
  async #writeAddresses(): Promise<void> {
    for (const { plan } of this.replicas.values()) {
      const path = join(plan.folder, 'identity.json');
      const identity = JSON.parse(await readFile(path, 'utf8')) as {
        epoch: { replicas: readonly MemberJson[] };
      };
      identity.epoch.replicas = identity.epoch.replicas.map((member) => ({
        ...member,
        ...this.addressesOf(member.replicaNumber),
      }));
      await writeFile(path, JSON.stringify(identity));
    }
  }

  addressesOf(number: number): { readonly peerUrl: string; readonly clientUrl: string } {
    const replica = this.replicas.get(number);
    if (replica === undefined) throw new RangeError(`there is no replica ${number}`);
    return { peerUrl: replica.plan.peers.url, clientUrl: replica.plan.clients.url };
  }

  /** `group.json`, by which the commands of an operator find a group that somebody runs. */
  async writeGroupFile(): Promise<void> {
    const replicas = [...this.replicas.values()].map(({ id, role, url, pid, plan }) => ({
      id,
      role,
      url,
      pid: pid ?? null,
      data: plan.folder,
    }));
    const path = join(this.plan.folder, 'group.json');
    await writeFile(`${path}.new`, JSON.stringify({ supervisor: process.pid, replicas }));
    await rename(`${path}.new`, path);
  }

  /** Another epoch has begun. */
  becomes(members: readonly { readonly number: number; readonly role: Role }[]): void {
    for (const { number, role } of members) {
      const replica = this.replicas.get(number);
      if (replica !== undefined) replica.role = role;
    }
    this.#members = members.map(({ number }) => number);
  }

  /** Ends it for good; its folder goes as well. */
  async dismiss(number: number): Promise<void> {
    const replica = this.replicas.get(number);
    if (replica === undefined || this.#members.includes(number)) return;
    await replica.hold();
    replica.plan.peers.close();
    replica.plan.clients.close();
    this.replicas.delete(number);
    await rm(replica.plan.folder, { recursive: true, force: true });
    await rm(replica.logFile, { force: true });
  }

  /** The member that serves as primary of the newest view; undefined when none does. */
  async primary(): Promise<Replica | undefined> {
    let found: { readonly replica: Replica; readonly status: OwnStatus } | undefined;
    for (const [replica, status] of await this.statuses()) {
      if (status?.serving !== true) continue;
      if (found === undefined || isLater(status, found.status)) found = { replica, status };
    }
    return found?.replica;
  }

  statuses(): Promise<(readonly [Replica, OwnStatus | undefined])[]> {
    return Promise.all(
      this.members.map(async (replica) => [replica, await statusOf(replica.url)] as const),
    );
  }

  /** Every member runs, holds what it should, and may serve. */
  async isWhole(): Promise<boolean> {
    const ready = await Promise.all(
      this.members.map(async ({ url, role, pid }) => pid !== undefined && isReady(url, role)),
    );
    if (!ready.every(Boolean)) return false;
    const statuses = await this.statuses();
    return statuses.every(
      ([{ role }, status]) =>
        status?.status === 'normal' && (role === 'witness' || status.stateWhole),
    );
  }

  whole(withinMs: number): Promise<boolean> {
    return comesTrue(() => this.isWhole(), withinMs, 100);
  }

  /** All in good order; the exit code of each. */
  async stop(patienceMs: number): Promise<(readonly [string, number | null])[]> {
    const codes = await Promise.all(
      [...this.replicas.values()].map(
        async (replica) => [replica.name, await replica.stop(patienceMs)] as const,
      ),
    );
    for (const { plan } of this.replicas.values()) {
      plan.peers.close();
      plan.clients.close();
    }
    return codes;
  }

  /** At once, without a word. */
  destroy(): void {
    for (const { pid } of this.replicas.values())
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
  }
}

const isLater = (a: OwnStatus, b: OwnStatus): boolean =>
  a.epoch > b.epoch || (a.epoch === b.epoch && a.view > b.view);
