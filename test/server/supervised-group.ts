import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { numberOfFolder } from '../../apps/server/src/group-folder/group';
import type { GroupFile } from '../../apps/server/src/group-folder/group-file';
import { expectBuilt, SERVER_MAIN } from './built-server';
import { freePorts } from './group-harness';

const DIST = dirname(SERVER_MAIN);
const PATIENCE_MS = 60_000;
const LOOK_MS = 50;

/** A group as users have it: under the supervisor, changed by the commands. Everything is read from what they see. */
export class SupervisedGroup {
  readonly folder: string;
  private readonly port: number;
  private supervisor: ChildProcess | undefined;
  /** Of every replica that ever was: those that have left are in no file any more. */
  private readonly known = new Map<number, { readonly id: string; readonly url: string }>();

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  static async start(): Promise<SupervisedGroup> {
    expectBuilt();
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-supervised-'));
    const group = new SupervisedGroup(folder, await freePorts(10));
    await group.spawn();
    return group;
  }

  get file(): GroupFile {
    return this.look();
  }

  private look(): GroupFile {
    const path = join(this.folder, 'group.json');
    const file = JSON.parse(readFileSync(path, 'utf8')) as GroupFile;
    for (const { id, url, data } of file.replicas)
      this.known.set(numberOfFolder(basename(data)) ?? -1, { id, url });
    return file;
  }

  get urls(): string[] {
    return this.file.replicas.filter(({ role }) => role === 'active').map(({ url }) => url);
  }

  urlOf(number: number): string {
    return this.find(number).url;
  }

  idOf(number: number): string {
    return this.find(number).id;
  }

  /** `npm run join`: the number of the new replica. */
  async join(...flags: string[]): Promise<number> {
    const output = await this.run(['join', ...flags]);
    return Number(/^replica (\d+)/.exec(output)?.[1]);
  }

  /** One of the commands, as a user gives it. Rejects with what it says. */
  run([name = '', ...flags]: readonly string[]): Promise<string> {
    const program = join(DIST, 'membership', 'main.js');
    const args = [program, name, '--group', this.folder, ...flags];
    return new Promise((resolve, reject) => {
      execFile(process.execPath, args, (fault, output, problems) => {
        if (fault === null) resolve(output);
        else reject(new Error(problems));
      });
    });
  }

  /** Its process dies; the supervisor starts another. */
  async kill(number: number): Promise<void> {
    const { id } = this.find(number);
    const pidNow = (): number | null =>
      this.file.replicas.find((replica) => replica.id === id)?.pid ?? null;
    const pid = pidNow();
    if (pid === null) throw new Error(`replica ${number} does not run`);
    process.kill(pid, 'SIGKILL');
    await this.until(`replica ${number} to run again`, () => ![pid, null].includes(pidNow()));
  }

  hasRole(number: number, role: string): Promise<void> {
    return this.until(`replica ${number} to be ${role}`, () =>
      this.file.replicas.some(
        (replica) =>
          numberOfFolder(basename(replica.data)) === number &&
          replica.role === role &&
          replica.pid !== null,
      ),
    );
  }

  async until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await look())) {
      if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
      await pause(LOOK_MS);
    }
  }

  async restart(): Promise<void> {
    await this.end();
    await this.spawn();
  }

  async stop(): Promise<void> {
    await this.end();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async spawn(): Promise<void> {
    const program = join(DIST, 'supervisor', 'main.js');
    const args = [program, '--data', this.folder, '--port', `${this.port}`];
    this.supervisor = spawn(process.execPath, args, { stdio: 'ignore' });
    await this.until('a primary', () => {
      const isThere = existsSync(join(this.folder, 'group.json'));
      return isThere && this.file.supervisor !== null && this.file.primary !== undefined;
    });
    await this.until('every door to be open', () => this.isOpen());
  }

  /** A primary is there as soon as a majority is: the last replicas may still be on their way. */
  private async isOpen(): Promise<boolean> {
    const doors = this.file.replicas.map(({ url }) => fetch(`${url}/health/live`));
    return (await Promise.allSettled(doors)).every(({ status }) => status === 'fulfilled');
  }

  private async end(): Promise<void> {
    const { supervisor } = this;
    if (supervisor === undefined) return;
    const over = new Promise((resolve) => supervisor.once('exit', resolve));
    supervisor.kill('SIGTERM');
    await over;
    this.supervisor = undefined;
  }

  private find(number: number): { readonly id: string; readonly url: string } {
    this.look();
    const found = this.known.get(number);
    if (found === undefined) throw new Error(`there has been no replica ${number}`);
    return found;
  }
}
