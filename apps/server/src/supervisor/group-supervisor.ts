import type { ReplicaIdentity } from '../config/replica-config';
import { roleAtFirst, type ReplicaRole } from '../config/replica-role';
import type { ReplicaReport } from '../config/supervision';
import { replicaFolder, type Group } from '../group-folder/group';
import { writeGroupFile } from '../group-folder/group-file';
import { readGroup } from '../group-folder/open-group';
import { reasonOf } from '../storage/fault';
import { GroupView } from './group-view';
import { ReplicaProcess } from './replica-process';
import type { Terminal } from './terminal';

export interface SupervisorOptions {
  readonly group: Group;
  /** What each replica process runs; it is given `--data DIR/replica-i`. */
  readonly program: string;
  readonly terminal: Terminal;
  /** The configuration file of every replica. */
  readonly config?: string;
  readonly restartMs?: number;
  readonly restartMsMax?: number;
  /** A replica that has not ended so long after SIGTERM is killed. */
  readonly stopMs?: number;
}

/** How often the folder is looked at for replicas that have come or gone. */
const LOOK_MS = 500;
const STOP_MS = 10_000;

/** Roles worth a line when a replica takes them. */
const ROLE_LINES: Readonly<Partial<Record<ReplicaRole, string>>> = {
  witness: 'is a witness: it holds no state and serves no clients',
  joining: 'follows the group; it is no member yet',
  retiring: 'has been replaced; it serves what its successors still lack',
  retired: 'has been replaced and is not needed; it only tells where the group is',
};

/** Starts the replicas of a group, keeps them running, and shows who is primary. */
export class GroupSupervisor {
  private readonly options: SupervisorOptions;
  private group: Group;
  private readonly replicas = new Map<number, ReplicaProcess>();
  private readonly roles = new Map<number, ReplicaRole>();
  private readonly view = new GroupView();
  private readonly down = new Set<number>();
  private withoutPrimarySince: number | undefined = performance.now();
  private announced = false;
  private stopping: Promise<void> | undefined;
  private looking: NodeJS.Timeout | undefined;
  private isLooking = false;
  private lookProblem = '';
  /** Resolves when every replica has said three times in a row that it cannot run. */
  readonly allDown: Promise<void>;
  private giveUp: () => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.options = options;
    this.allDown = new Promise((resolve) => {
      this.giveUp = resolve;
    });
    this.group = options.group;
    for (const { replicaNumber } of this.group.replicas) this.add(replicaNumber);
  }

  start(): void {
    for (const replica of this.replicas.values()) replica.start();
    this.looking = setInterval(() => void this.lookAround(), LOOK_MS);
  }

  /** Backups and signposts first, the primary last: nobody has to take over from a group that ends. */
  stop(): Promise<void> {
    this.stopping ??= this.stopInOrder();
    return this.stopping;
  }

  /** Ends every replica at once, as a crash would. */
  kill(): void {
    clearInterval(this.looking);
    for (const replica of this.replicas.values()) replica.kill();
  }

  /** A folder that has come since is a replica that joins; one that is marked as left is not run any more. */
  private async lookAround(): Promise<void> {
    if (this.isLooking || this.stopping !== undefined) return;
    this.isLooking = true;
    try {
      const replicas = await readGroup(this.group.folder);
      if (replicas.length > 0) this.follow(replicas);
    } catch (fault) {
      const problem = reasonOf(fault);
      if (problem !== this.lookProblem) this.options.terminal.event('group', problem);
      this.lookProblem = problem;
    }
    this.isLooking = false;
  }

  private follow(replicas: readonly ReplicaIdentity[]): void {
    const numbers = new Set(replicas.map(({ replicaNumber }) => replicaNumber));
    const come = replicas.filter(({ replicaNumber }) => !this.replicas.has(replicaNumber));
    const gone = [...this.replicas.keys()].filter((number) => !numbers.has(number));
    if (come.length + gone.length === 0 || this.stopping !== undefined) return;
    this.group = { ...this.group, replicas };
    for (const { replicaNumber } of come) this.add(replicaNumber).start();
    for (const number of gone) void this.letGo(number);
    this.writeFile();
  }

  private async letGo(number: number): Promise<void> {
    const replica = this.replicas.get(number);
    this.replicas.delete(number);
    this.show(number, 'has left the group');
    await replica?.stop(this.options.stopMs ?? STOP_MS);
    this.roles.delete(number);
    this.view.forget(number);
    this.writeFile();
  }

  private add(number: number): ReplicaProcess {
    const { program, config, restartMs, restartMsMax } = this.options;
    const folder = replicaFolder(this.group.folder, number);
    const replica = new ReplicaProcess(
      {
        program,
        args: ['--data', folder, ...(config === undefined ? [] : ['--config', config])],
        folder,
        restartMs: restartMs ?? 100,
        restartMsMax: restartMsMax ?? 5_000,
      },
      {
        onSpawn: (pid) => {
          this.show(number, `started            process ${pid}`);
          this.writeFile();
        },
        onReport: (report) => {
          this.onReport(number, report);
        },
        onExit: (how, nextMs) => {
          this.onExit(number, how, nextMs);
        },
      },
    );
    this.replicas.set(number, replica);
    return replica;
  }

  private async stopInOrder(): Promise<void> {
    clearInterval(this.looking);
    const stopMs = this.options.stopMs ?? STOP_MS;
    const { primary } = this.view;
    const all = [...this.replicas];
    for (const [, replica] of all) replica.announceStop();
    const stop = (isNow: (number: number) => boolean) =>
      Promise.all(all.filter(([number]) => isNow(number)).map(([, each]) => each.stop(stopMs)));
    await stop((number) => number !== primary);
    await stop((number) => number === primary);
    this.writeFile(null);
  }

  private onReport(number: number, report: ReplicaReport): void {
    if (report.kind === 'listening') this.show(number, `listening          ${report.url}`);
    if (report.kind !== 'state') return;
    const changed = this.view.update(number, report);
    this.showRole(number, report.role);
    if (changed) this.showPrimary();
  }

  private showRole(number: number, role: ReplicaRole): void {
    const before = this.roles.get(number);
    if (before === role) return;
    this.roles.set(number, role);
    if (before !== undefined || ROLE_LINES[role] !== undefined)
      this.show(number, ROLE_LINES[role] ?? `is ${role}`);
    this.writeFile();
  }

  private onExit(number: number, how: string, nextMs: number | undefined): void {
    const isWanted = this.stopping === undefined && this.replicas.has(number);
    if (!isWanted) this.show(number, how);
    else if (nextMs !== undefined) this.show(number, `${how}; starts again in ${nextMs} ms`);
    else this.staysDown(number, how);
    if (this.view.forget(number)) this.showPrimary();
    else this.writeFile();
  }

  private staysDown(number: number, how: string): void {
    this.down.add(number);
    const log = `${replicaFolder(this.group.folder, number)}/replica.log`;
    this.show(number, `${how}; stays down after three times, see ${log}`);
    if (this.down.size === this.replicas.size) this.giveUp();
  }

  private showPrimary(): void {
    this.writeFile();
    if (this.stopping !== undefined) return;
    const { primary, view } = this.view;
    const now = performance.now();
    if (primary === undefined) {
      this.withoutPrimarySince ??= now;
      this.options.terminal.event('group', 'no primary');
      return;
    }
    const waitedMs = Math.round(now - (this.withoutPrimarySince ?? now));
    this.withoutPrimarySince = undefined;
    const after = waitedMs > 0 ? ` after ${waitedMs} ms` : '';
    this.options.terminal.event(`view ${view ?? 0}`, `replica ${primary} is primary${after}`);
    if (!this.announced) this.announce();
  }

  private announce(): void {
    this.announced = true;
    const { terminal } = this.options;
    const urls = this.group.replicas
      .filter((each) => (this.roles.get(each.replicaNumber) ?? roleAtFirst(each)) === 'active')
      .map(({ url }) => url);
    terminal.event('ready', urls.join('  '));
    terminal.event('', `try: curl -s ${urls[0] ?? ''}/v1/cluster   docs: ${urls[0] ?? ''}/docs`);
    terminal.event('', 'Ctrl-C stops the group in order');
  }

  private show(number: number, what: string): void {
    this.options.terminal.event(`replica ${number}`, what);
  }

  private writeFile(supervisor: number | null = process.pid): void {
    try {
      writeGroupFile(this.group, {
        supervisor,
        pids: new Map([...this.replicas].map(([number, { pid }]) => [number, pid])),
        roles: this.roles,
        primary: this.view.primary,
        epoch: this.view.epoch,
        view: this.view.view,
        config: this.options.config,
      });
    } catch (fault) {
      this.options.terminal.event('group', `group.json cannot be written: ${reasonOf(fault)}`);
    }
  }
}
