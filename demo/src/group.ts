import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from './ports';

const SUPERVISOR = resolve(__dirname, '../../apps/server/dist/supervisor/main.js');
const REPLICAS = 3;
const START_MS_MAX = 60_000;
const HEAL_MS_MAX = 60_000;
const POLL_MS = 50;

/** One replica, as `group.json` tells of it. */
export interface Replica {
  /** For people: `replica 0` and so on, as the supervisor says. */
  readonly name: string;
  readonly url: string;
  /** Null while it does not run. */
  readonly pid: number | null;
  readonly id: string;
  /** `active`, `witness`, `joining`, `retiring` or `retired`. */
  readonly role: string;
}

/** A real group, of three replica processes at first, started by the supervisor in a folder of its own. */
export class Group {
  readonly #supervisor: ChildProcess;
  readonly #folder: string;
  readonly #exit: Promise<number>;
  #output = '';

  private constructor(supervisor: ChildProcess, folder: string) {
    this.#supervisor = supervisor;
    this.#folder = folder;
    this.#exit = new Promise((settle) => supervisor.once('exit', (code) => settle(code ?? 1)));
    for (const stream of [supervisor.stdout, supervisor.stderr]) {
      stream?.on('data', (data: Buffer) => (this.#output += data.toString('utf8')));
    }
  }

  /** Resolves when every replica serves. */
  static async start(folder: string, options: readonly string[] = []): Promise<Group> {
    if (!existsSync(SUPERVISOR)) throw new Error(`${SUPERVISOR} is not built: npm run build`);
    const port = String(await freePorts(REPLICAS));
    const args = ['--data', folder, '--port', port, '--replicas', String(REPLICAS), ...options];
    const supervisor = spawn(process.execPath, [SUPERVISOR, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C is for the demo, which stops the group in its own time.
      detached: true,
    });
    const group = new Group(supervisor, folder);
    const died = group.#exit.then((code) => {
      throw new Error(`the supervisor ended with ${code}:\n${group.#output}`);
    });
    died.catch(() => undefined);
    await Promise.race([group.healthy(START_MS_MAX), died]);
    return group;
  }

  get replicas(): readonly Replica[] {
    const file = join(this.#folder, 'group.json');
    if (!existsSync(file)) return [];
    const { replicas } = JSON.parse(readFileSync(file, 'utf8')) as {
      replicas: (Omit<Replica, 'name'> & { readonly data: string })[];
    };
    return replicas.map(({ data, ...replica }) => ({
      ...replica,
      name: basename(data).replace('-', ' '),
    }));
  }

  get members(): readonly Replica[] {
    return this.replicas.filter(({ role }) => role === 'active' || role === 'witness');
  }

  /** Those that take clients. */
  get actives(): readonly Replica[] {
    return this.replicas.filter(({ role }) => role === 'active');
  }

  /** The id of the replica that serves as primary. */
  get primary(): string | undefined {
    const file = readFileSync(join(this.#folder, 'group.json'), 'utf8');
    return (JSON.parse(file) as { readonly primary?: string }).primary;
  }

  get folder(): string {
    return this.#folder;
  }

  get urls(): string[] {
    return this.actives.map(({ url }) => url);
  }

  replicaAt(url: string): Replica {
    const found = this.replicas.find((replica) => replica.url === url);
    if (found === undefined) throw new Error(`no replica listens at ${url}`);
    return found;
  }

  /** Waits until every replica says that it may serve; then one of them may be lost. */
  async healthy(withinMs = HEAL_MS_MAX): Promise<void> {
    const deadline = performance.now() + withinMs;
    let ready: boolean[] = [];
    while (performance.now() < deadline) {
      ready = await Promise.all(this.members.map(isReady));
      if (ready.length >= REPLICAS && ready.every(Boolean)) return;
      await pause(POLL_MS);
    }
    throw new Error(
      `after ${withinMs / 1000} s not every replica is ready (${ready.join(', ')}):\n${this.#output}`,
    );
  }

  /** As the machine would: no warning, nothing flushed. */
  kill(replica: Replica): void {
    if (replica.pid === null) throw new Error(`${replica.name} does not run`);
    process.kill(replica.pid, 'SIGKILL');
  }

  /** The exit code of the supervisor. */
  async stop(): Promise<number> {
    this.#supervisor.kill('SIGTERM');
    return this.#exit;
  }

  destroy(): void {
    this.#supervisor.kill('SIGKILL');
  }
}

/** A witness takes no clients, so it is never ready for them. */
async function isReady({ url, pid, role }: Replica): Promise<boolean> {
  const probe = role === 'witness' ? 'live' : 'ready';
  try {
    const response = await fetch(`${url}/health/${probe}`, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok && pid !== null && isAlive(pid);
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
