import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { nowMs } from '../clock';
import type { Proxy } from '../network/proxy';
import { REPLICA_PROGRAM } from '../places';

/** As `npm start` runs replicas. */
const NODE_FLAGS = ['--max-semi-space-size=32'];
const LOG_BYTES_MAX = 32 << 20;
const RESTART_MS = 100;
const RESTART_MS_MAX = 3_000;

export type Role = 'active' | 'witness';

export interface ReplicaPlan {
  readonly number: number;
  readonly id: string;
  readonly folder: string;
  readonly port: number;
  readonly peers: Proxy;
  readonly clients: Proxy;
  /** It ended, and nobody here had ended it. */
  readonly onDeath: (replica: Replica, how: string) => void;
}

export interface LifeOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One replica through its processes: started again when it dies, as the supervisor of `npm start` does. */
export class Replica {
  readonly plan: ReplicaPlan;
  role: Role;
  /** For every life: what a fault library needs. */
  env: Readonly<Record<string, string>> = {};
  #child: ChildProcess | undefined;
  #startedMs = 0;
  #failures = 0;
  #restart: NodeJS.Timeout | undefined;
  #farewell: string | undefined;
  /** We ended it, or it may not be started now. */
  #isHeld = false;
  #isPaused = false;
  lives = 0;

  constructor(plan: ReplicaPlan, role: Role) {
    this.plan = plan;
    this.role = role;
  }

  get id(): string {
    return this.plan.id;
  }

  get name(): string {
    return `replica ${this.plan.number}`;
  }

  /** Its own door, past every proxy. */
  get url(): string {
    return `http://127.0.0.1:${this.plan.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Its folder is not touched by anybody until it starts again. */
  get isDown(): boolean {
    return this.#child === undefined && this.#isHeld;
  }

  start({ flags = [], env = {} }: LifeOptions = {}): void {
    clearTimeout(this.#restart);
    if (this.#child !== undefined) return;
    this.#isHeld = false;
    this.#isPaused = false;
    this.#farewell = undefined;
    this.#startedMs = nowMs();
    this.lives += 1;
    const log = this.#openLog();
    const args = [...NODE_FLAGS, REPLICA_PROGRAM, '--data', this.plan.folder, ...flags];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', log, log, 'ipc'],
      // Ctrl-C is for us alone.
      detached: true,
      env: { ...cleanEnvironment(), ...this.env, ...env },
    });
    closeSync(log);
    this.#child = child;
    child.on('message', (message) => {
      const { kind, line } = message as { readonly kind: string; readonly line?: string };
      if (kind === 'farewell') this.#farewell = line;
    });
    child.once('exit', (code, signal) => this.#ended(child, signal ?? `exit code ${code ?? 0}`));
  }

  /** `kill -9`; it is started again by itself, as under the supervisor. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const over = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await over;
  }

  /** `kill -9`, and it stays down until `start`. */
  async hold(): Promise<void> {
    this.#isHeld = true;
    clearTimeout(this.#restart);
    await this.kill();
  }

  pause(): void {
    this.#isPaused = true;
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#isPaused = false;
    this.#child?.kill('SIGCONT');
  }

  /** In good order; its exit code. */
  async stop(patienceMs: number): Promise<number | null> {
    const child = this.#child;
    this.#isHeld = true;
    clearTimeout(this.#restart);
    if (child === undefined) return 0;
    this.resume();
    const over = new Promise((resolve) => child.once('exit', resolve));
    if (child.connected) child.send({ kind: 'group-stopping' }, () => undefined);
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await over;
    clearTimeout(impatience);
    return child.exitCode;
  }

  get logFile(): string {
    return `${this.plan.folder}.log`;
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#isPaused = false;
    const words = this.#farewell === undefined ? how : `${how}: ${this.#farewell}`;
    if (this.#isHeld) return;
    if (how !== 'SIGKILL') this.plan.onDeath(this, words);
    const wasGood = nowMs() - this.#startedMs > 10_000;
    this.#failures = how === 'SIGKILL' || wasGood ? 0 : this.#failures + 1;
    const delayMs = Math.min(RESTART_MS * 2 ** this.#failures, RESTART_MS_MAX);
    this.#restart = setTimeout(() => this.start(), delayMs);
  }

  #openLog(): number {
    const size = statSync(this.logFile, { throwIfNoEntry: false })?.size ?? 0;
    if (size > LOG_BYTES_MAX) renameSync(this.logFile, `${this.logFile}.1`);
    return openSync(this.logFile, 'a');
  }
}

/** Settings of whoever runs this are not meant for replicas. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LOCKSTEP_')));
