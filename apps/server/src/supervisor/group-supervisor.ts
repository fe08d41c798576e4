import type { ReplicaReport } from '../config/supervision';
import { replicaFolder, type Group } from '../group-folder/group';
import { writeGroupFile } from '../group-folder/group-file';
import { reasonOf } from '../storage/fault';
import { GroupView } from './group-view';
import { ReplicaProcess } from './replica-process';
import type { Terminal } from './terminal';

export interface SupervisorOptions {
  readonly group: Group;
  /** What each replica process runs; it is given `--data DIR/replica-i`. */
  readonly program: string;
  readonly terminal: Terminal;
  readonly restartMs?: number;
  readonly restartMsMax?: number;
  /** A replica that has not ended so long after SIGTERM is killed. */
  readonly stopMs?: number;
}

/** Starts the replicas of a group, keeps them running, and shows who is primary. */
export class GroupSupervisor {
  private readonly options: SupervisorOptions;
  private readonly replicas: readonly ReplicaProcess[];
  private readonly view = new GroupView();
  private readonly down = new Set<number>();
  private withoutPrimarySince: number | undefined = performance.now();
  private announced = false;
  private stopping: Promise<void> | undefined;
  /** Resolves when every replica has said three times in a row that it cannot run. */
  readonly allDown: Promise<void>;
  private giveUp: () => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.options = options;
    this.allDown = new Promise((resolve) => {
      this.giveUp = resolve;
    });
    this.replicas = options.group.replicas.map(({ replicaNumber }) => this.replica(replicaNumber));
  }

  start(): void {
    for (const replica of this.replicas) replica.start();
  }

  /** Backups first, the primary last: nobody has to take over from a group that ends. */
  stop(): Promise<void> {
    this.stopping ??= this.stopInOrder();
    return this.stopping;
  }

  /** Ends every replica at once, as a crash would. */
  kill(): void {
    for (const replica of this.replicas) replica.kill();
  }

  private replica(number: number): ReplicaProcess {
    const { group, program, restartMs, restartMsMax } = this.options;
    const folder = replicaFolder(group.folder, number);
    return new ReplicaProcess(
      {
        program,
        args: ['--data', folder],
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
  }

  private async stopInOrder(): Promise<void> {
    const stopMs = this.options.stopMs ?? 10_000;
    const { primary } = this.view;
    for (const replica of this.replicas) replica.announceStop();
    await Promise.all(
      this.replicas.filter((_, number) => number !== primary).map((each) => each.stop(stopMs)),
    );
    await Promise.all(this.replicas.map((each) => each.stop(stopMs)));
    this.writeFile(null);
  }

  private onReport(number: number, report: ReplicaReport): void {
    if (report.kind === 'listening') this.show(number, `listening          ${report.url}`);
    if (report.kind !== 'state') return;
    const changed = this.view.update(number, report);
    if (changed) this.showPrimary();
  }

  private onExit(number: number, how: string, nextMs: number | undefined): void {
    if (this.stopping !== undefined) this.show(number, how);
    else if (nextMs !== undefined) this.show(number, `${how}; starts again in ${nextMs} ms`);
    else this.staysDown(number, how);
    if (this.view.forget(number)) this.showPrimary();
    else this.writeFile();
  }

  private staysDown(number: number, how: string): void {
    this.down.add(number);
    const log = `${replicaFolder(this.options.group.folder, number)}/replica.log`;
    this.show(number, `${how}; stays down after three times, see ${log}`);
    if (this.down.size === this.replicas.length) this.giveUp();
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
    const { group, terminal } = this.options;
    const urls = group.replicas[0]?.members.map(({ url }) => url) ?? [];
    terminal.event('ready', urls.join('  '));
    terminal.event('', `try: curl -s ${urls[0] ?? ''}/v1/cluster   docs: ${urls[0] ?? ''}/docs`);
    terminal.event('', 'Ctrl-C stops the group in order');
  }

  private show(number: number, what: string): void {
    this.options.terminal.event(`replica ${number}`, what);
  }

  private writeFile(supervisor: number | null = process.pid): void {
    try {
      writeGroupFile(this.options.group, {
        supervisor,
        pids: this.replicas.map(({ pid }) => pid),
        primary: this.view.primary,
        epoch: this.view.epoch,
        view: this.view.view,
      });
    } catch (fault) {
      this.options.terminal.event('group', `group.json cannot be written: ${reasonOf(fault)}`);
    }
  }
}
