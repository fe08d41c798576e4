import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT_REFUSED } from '../config/replica-config';
import type { GroupStopping, ReplicaReport } from '../config/supervision';

/**
 * V8 collects short-lived objects half as often: measured beside the default (16 MiB), in turn, it gave 1.2 to 1.5 times the
 * writes for a fifth to a third less CPU. (MiB; a replica's memory grows by up to three times this)
 */
const YOUNG_SPACE = '--max-semi-space-size=32';

export interface ReplicaProcessOptions {
  /** The program to run with Node. */
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly restartMs: number;
  readonly restartMsMax: number;
}

export interface ReplicaProcessEvents {
  onSpawn(pid: number): void;
  onReport(report: ReplicaReport): void;
  /** `nextMs` until it is started again; undefined when it stays down. */
  onExit(how: string, nextMs: number | undefined): void;
}

/**
 * A replica that says so often in a row that it cannot run is believed. One that failed is not: room is made on a full disk,
 * and the replica should be back when it is.
 */
const REFUSALS_MAX = 3;
/** A life of this length was a good one: the next restart is quick again. */
const GOOD_LIFE_MS = 10_000;
const LOG_BYTES_MAX = 32 << 20;

/** One replica through its processes: started again when it dies, later each time it dies young. */
export class ReplicaProcess {
  private readonly options: ReplicaProcessOptions;
  private readonly events: ReplicaProcessEvents;
  private child: ChildProcess | undefined;
  private startedAt = 0;
  private failures = 0;
  private refusals = 0;
  private farewell: string | undefined;
  private restart: NodeJS.Timeout | undefined;
  private stopping = false;
  private ended: (() => void)[] = [];

  constructor(options: ReplicaProcessOptions, events: ReplicaProcessEvents) {
    this.options = options;
    this.events = events;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    this.startedAt = performance.now();
    this.farewell = undefined;
    const log = openLog(this.options.folder);
    // A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops the group in order.
    const child = spawn(
      process.execPath,
      [YOUNG_SPACE, this.options.program, ...this.options.args],
      {
        stdio: ['ignore', log, log, 'ipc'],
        detached: true,
        env: environment(),
      },
    );
    closeSync(log);
    this.child = child;
    child.on('message', (message) => {
      this.onMessage(message);
    });
    child.once('error', (fault) => {
      this.onEnd(`cannot be started: ${fault.message}`, undefined);
    });
    child.once('exit', (code, signal) => {
      this.onEnd(
        signal === null ? `ended with exit code ${code ?? 0}` : `killed by ${signal}`,
        code,
      );
    });
    if (child.pid !== undefined) this.events.onSpawn(child.pid);
  }

  /** Lets a replica know that the whole group stops. */
  announceStop(): void {
    if (this.stopping) return;
    this.stopping = true;
    clearTimeout(this.restart);
    const message: GroupStopping = { kind: 'group-stopping' };
    if (this.child?.connected === true) this.child.send(message, () => undefined);
  }

  /** Asks it to end and waits; kills it when it has not ended after `patienceMs`. */
  async stop(patienceMs: number): Promise<void> {
    this.announceStop();
    if (this.child === undefined) return;
    const end = new Promise<void>((resolve) => this.ended.push(resolve));
    this.child.kill('SIGTERM');
    const impatience = setTimeout(() => this.kill(), patienceMs);
    await end;
    clearTimeout(impatience);
  }

  kill(): void {
    this.stopping = true;
    clearTimeout(this.restart);
    this.child?.kill('SIGKILL');
  }

  private onMessage(message: unknown): void {
    const report = message as ReplicaReport;
    if (report.kind === 'farewell') this.farewell = report.line;
    this.events.onReport(report);
  }

  private onEnd(how: string, code: number | null | undefined): void {
    if (this.child === undefined) return;
    this.child = undefined;
    const words = this.farewell === undefined ? how : `${how}: ${this.farewell}`;
    this.events.onExit(words, this.stopping ? undefined : this.planRestart(code));
    for (const resolve of this.ended.splice(0)) resolve();
  }

  private planRestart(code: number | null | undefined): number | undefined {
    const lived = performance.now() - this.startedAt;
    this.failures = lived < GOOD_LIFE_MS ? this.failures + 1 : 1;
    this.refusals = code === EXIT_REFUSED ? this.refusals + 1 : 0;
    if (this.refusals >= REFUSALS_MAX) return undefined;
    const { restartMs, restartMsMax } = this.options;
    const delayMs = Math.min(restartMs * 2 ** (this.failures - 1), restartMsMax);
    this.restart = setTimeout(() => {
      this.start();
    }, delayMs);
    return delayMs;
  }
}

/** Appended to by every life; set aside once it is large. */
function openLog(folder: string): number {
  const path = join(folder, 'replica.log');
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES_MAX) renameSync(path, `${path}.1`);
  return openSync(path, 'a');
}

/** Settings meant for one replica would be taken by all. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('LOCKSTEP_') || name === 'LOCKSTEP_LOG_LEVEL',
    ),
  );
}
