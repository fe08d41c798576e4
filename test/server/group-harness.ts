import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scheme } from '../../apps/server/src/config/loopback';
import type { ReplicaReport } from '../../apps/server/src/config/supervision';
import type { Group } from '../../apps/server/src/group-folder/group';
import { initGroup } from '../../apps/server/src/group-folder/init-group';
import type { DurabilityMode } from '../../apps/server/src/storage/replica-storage';
import { expectBuilt, SERVER_MAIN } from './built-server';

type State = Extract<ReplicaReport, { kind: 'state' }>;

/** Longer than any healthy group takes, also on a machine that does much else. */
const PATIENCE_MS = 60_000;

export interface GroupOptions {
  readonly replicas?: number;
  readonly mode?: DurabilityMode;
  /** Default: `info`. */
  readonly logLevel?: string;
  /** More for the environment of the replicas, by the folder of the group. Default: nothing. */
  readonly environment?: (folder: string) => Readonly<Record<string, string>>;
  /** Certificates and settings for a group that speaks TLS. Default: it does not. */
  readonly secure?: (group: Group) => Promise<Readonly<Record<string, string>>>;
}

/**
 * A real group: replica processes on free loopback ports with their data in a temporary folder. Everything waits for
 * what the processes report, never for time to pass.
 */
export class GroupHarness {
  readonly folder: string;
  readonly replicas: readonly ReplicaHandle[];

  private constructor(folder: string, replicas: readonly ReplicaHandle[]) {
    this.folder = folder;
    this.replicas = replicas;
  }

  /** Starts a new group and waits until it has a primary that serves. */
  static async start(options: GroupOptions = {}): Promise<GroupHarness> {
    const { replicas = 3, mode = 'durable', logLevel = 'info', environment, secure } = options;
    expectBuilt();
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-group-'));
    const basePort = await freePorts(replicas);
    const scheme: Scheme = secure === undefined ? 'http' : 'https';
    const made = await initGroup({ folder, replicas, host: '127.0.0.1', basePort, mode, scheme });
    const tls = (await secure?.(made)) ?? {};
    const settings = {
      logLevel,
      scheme,
      environment: { ...environment?.(folder), ...tls },
    };
    const handles = Array.from(
      { length: replicas },
      (_, number) => new ReplicaHandle(folder, number, basePort + number, settings),
    );
    const group = new GroupHarness(folder, handles);
    await group.startAll();
    return group;
  }

  /** Starts a group whose folders somebody else has made; its ports are free. */
  static async startMade(
    folder: string,
    replicas: number,
    basePort: number,
  ): Promise<GroupHarness> {
    const settings = {
      logLevel: 'info',
      environment: {},
      scheme: 'http',
      program: SERVER_MAIN,
    } as const;
    const handles = Array.from(
      { length: replicas },
      (_, number) => new ReplicaHandle(folder, number, basePort + number, settings),
    );
    const group = new GroupHarness(folder, handles);
    await group.startAll();
    return group;
  }

  /** Starts those that do not run, and waits until all follow a primary that serves. */
  async startAll(): Promise<void> {
    for (const replica of this.replicas) if (!replica.isRunning) replica.spawn();
    const primary = await this.primary();
    await Promise.all(this.replicas.map((replica) => replica.follows(primary)));
  }

  /** Waits until one replica serves as primary of the newest view that any running replica is in. */
  primary(): Promise<ReplicaHandle> {
    return waitFor('a primary', this.replicas, () => {
      const running = this.replicas.filter((replica) => replica.isRunning);
      const newest = Math.max(...running.map((replica) => replica.state?.view ?? -1));
      return running.find(({ state }) => state?.serving === true && state.view === newest);
    });
  }

  async backups(): Promise<ReplicaHandle[]> {
    const primary = await this.primary();
    return this.replicas.filter((replica) => replica !== primary && replica.isRunning);
  }

  /** At once, without a word. */
  async killAll(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.kill()));
  }

  /** Ends every process and removes the data. */
  async stop(): Promise<void> {
    await this.killAll();
    await rm(this.folder, { recursive: true, force: true });
  }
}

interface HandleSettings {
  readonly logLevel: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly scheme: Scheme;
}

/** One replica process, over all of its lives. */
export class ReplicaHandle {
  readonly number: number;
  readonly port: number;
  readonly url: string;
  readonly dataFolder: string;
  /** The last that it reported in this life. */
  state: State | undefined;
  /** Why it ended, as it said itself. */
  farewell: string | undefined;
  private readonly settings: HandleSettings;
  private readonly watchers = new Set<() => void>();
  private child: ChildProcess | undefined;

  constructor(groupFolder: string, number: number, port: number, settings: HandleSettings) {
    this.number = number;
    this.port = port;
    this.url = `${settings.scheme}://127.0.0.1:${port}`;
    this.dataFolder = join(groupFolder, `replica-${number}`);
    this.settings = settings;
  }

  get isRunning(): boolean {
    return this.child !== undefined;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** What it wrote, over all of its lives: JSON lines. */
  get log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** `more` for the environment of this life. */
  spawn(more: Readonly<Record<string, string>> = {}): void {
    if (this.child !== undefined) throw new Error(`replica ${this.number} runs already`);
    this.state = undefined;
    this.farewell = undefined;
    const output = openSync(this.logFile, 'a');
    const { logLevel, environment } = this.settings;
    const flags = ['--data', this.dataFolder, '--log-level', logLevel];
    const stdio = ['ignore', output, output, 'ipc'] as const;
    const env = { ...process.env, ...environment, ...more };
    const child = spawn(process.execPath, [SERVER_MAIN, ...flags], { stdio: [...stdio], env });
    closeSync(output);
    this.child = child;
    child.on('message', (report: ReplicaReport) => {
      if (report.kind === 'state') this.state = report;
      if (report.kind === 'farewell') this.farewell = report.line;
      this.tell();
    });
    child.on('exit', () => {
      if (this.child === child) this.child = undefined;
      this.tell();
    });
  }

  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** In good order; resolves with the exit code. */
  async terminate(): Promise<number | null> {
    const { child } = this;
    await this.end('SIGTERM');
    return child?.exitCode ?? null;
  }

  /** Waits until it ends by itself. */
  async ended(): Promise<number | null> {
    const { child } = this;
    await waitFor(`the end of replica ${this.number}`, [this], () => this.child !== child);
    return child?.exitCode ?? null;
  }

  async follows(primary: ReplicaHandle): Promise<void> {
    await waitFor(`replica ${this.number} to follow ${primary.number}`, [this], () => {
      const { state } = this;
      return state?.status === 'normal' && state.view === primary.state?.view;
    });
  }

  /** As primary. */
  async serves(): Promise<void> {
    await waitFor(`replica ${this.number} to serve`, [this], () => this.state?.serving === true);
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private get logFile(): string {
    return `${this.dataFolder}.log`;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    const over = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await over;
  }

  private tell(): void {
    for (const watcher of [...this.watchers]) watcher();
  }
}

/** Resolves as soon as `look` finds something, looking whenever one of the replicas reports anything. */
function waitFor<T>(
  what: string,
  replicas: readonly ReplicaHandle[],
  look: () => T | undefined | false,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const tryIt = (): void => {
      const found = look();
      if (found === undefined || found === false) return;
      finish();
      resolve(found);
    };
    const unwatch = replicas.map((replica) => replica.watch(tryIt));
    const timer = setTimeout(() => {
      finish();
      const logs = replicas.map((replica) => replica.log.slice(-2_000)).join('\n');
      reject(new Error(`waited ${PATIENCE_MS} ms for ${what}\n${logs}`));
    }, PATIENCE_MS);
    const finish = (): void => {
      clearTimeout(timer);
      for (const end of unwatch) end();
    };
    tryIt();
  });
}

/** The first of `count` free ports in a row. */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const base = 20_000 + Math.floor(Math.random() * 10_000);
    const ports = Array.from({ length: count }, (_, number) => base + number);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return base;
  }
  throw new Error('there are no free ports');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
