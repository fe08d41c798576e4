import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SERVER_MAIN } from '../server/built-server';
import type { Block } from './page';

const SHIMS = join(__dirname, 'shims');
const PROGRAM = join(dirname(SERVER_MAIN), '..', 'bin', 'lockstep.mjs');
const NAMES = ['a', 'b', 'c', 'd'] as const;
/** All of 127.0.0.0/8 is this machine. (RFC 1122 §3.2.1.3) */
const HOSTS: Readonly<Record<string, string>> = {
  a: '127.0.0.2',
  b: '127.0.0.3',
  c: '127.0.0.4',
  d: '127.0.0.5',
};
const BLOCK_MS_MAX = 150_000;

/**
 * The machines of the page, as folders: each has its own /etc and /var/lib and a loopback address. The desk keeps its variables
 * from block to block, as a terminal does.
 */
export class Machines {
  readonly root: string;
  private readonly port: number;

  private constructor(root: string, port: number) {
    this.root = root;
    this.port = port;
  }

  static async make(): Promise<Machines> {
    const root = await mkdtemp(join(tmpdir(), 'lockstep-operations-'));
    const lines = NAMES.map((name) => `${HOSTS[name] ?? ''} ${name}`);
    await writeFile(join(root, 'machines'), `${lines.join('\n')}\n`);
    await mkdir(join(root, 'ops'));
    for (const name of NAMES)
      for (const folder of ['etc/lockstep', 'var/lib/lockstep'])
        await mkdir(join(root, name, folder), { recursive: true });
    return new Machines(root, await commonPort());
  }

  /** Rejects with what the block said when a line of it fails. */
  async run({ code, machines }: Block): Promise<void> {
    for (const machine of machines) await this.runOn(machine, this.rewritten(code, machine));
  }

  async remove(): Promise<void> {
    for (const name of NAMES) await this.runOn(name, 'systemctl stop');
    await rm(this.root, { recursive: true, force: true });
  }

  /** What the replicas of the machines have written. */
  log(machine: string): string {
    return readFileSync(join(this.root, machine, 'run', 'lockstep.log'), 'utf8');
  }

  private rewritten(code: string, machine: string): string {
    let text = code.replaceAll(':7400', `:${this.port}`);
    // What is a path on another machine is left to the shim.
    const local = /(^|[\s"'=])\/(etc|var\/lib)\/lockstep/gm;
    if (machine !== 'ops')
      text = text.replaceAll(local, `$1${join(this.root, machine)}/$2/lockstep`);
    for (const name of NAMES) text = text.replaceAll(`${name}.example`, HOSTS[name] ?? '');
    return text;
  }

  private runOn(machine: string, code: string): Promise<void> {
    const home = machine === 'ops' ? join(this.root, 'ops') : join(this.root, machine);
    const state = join(this.root, 'ops.env');
    const script =
      machine === 'ops'
        ? `set -euo pipefail; set -a; [ -f ${state} ] && . ${state}; set +a\n${code}\nexport -p | grep LOCKSTEP_ > ${state} || true\n`
        : `set -euo pipefail\n${code}\n`;
    const env = {
      ...process.env,
      PATH: `${SHIMS}:${process.env['PATH'] ?? ''}`,
      LOCKSTEP_PROGRAM: PROGRAM,
      MACHINES_ROOT: this.root,
      MACHINES_FILE: join(this.root, 'machines'),
      MACHINE_ROOT: home,
      MACHINE_HOST: HOSTS[machine] ?? '',
    };
    return new Promise((resolve, reject) => {
      const options = { cwd: home, env, timeout: BLOCK_MS_MAX };
      execFile('bash', ['-c', script], options, (fault, output, problems) => {
        if (fault === null) resolve();
        else reject(new Error(`on ${machine}:\n${code}\n${output}${problems}`));
      });
    });
  }
}

/** One port that is free at all the addresses. */
async function commonPort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Object.values(HOSTS).map((host) => isFree(host, port)));
    if (free.every(Boolean)) return port;
  }
  throw new Error('there is no free port');
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
