import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { momentsOf, type Observation, type ObservedEntry } from '../observation';
import type { Play } from '../play';

/** What the machine's file system is and can do, as far as differences depend on it. */
export interface MachineFacts {
  readonly kernel: string;
  readonly fileSystem: string;
  /** Whether everybody of the cases can be played. */
  readonly root: boolean;
  /** Of `flags`, `xattr`, `acl`, `rename` (its flags), `fchmodat2`. */
  readonly abilities: readonly string[];
  readonly sysctl: Readonly<Record<string, number>>;
}

/** Why there is no oracle on this machine, or undefined. */
export function whyNoOracle(): string | undefined {
  if (process.platform !== 'linux') return `${process.platform} is not Linux`;
  return spawnSync('python3', ['--version']).status === 0 ? undefined : 'there is no python3';
}

/** The machine's own file system behind a process that makes system calls. Answers come in the order of the plays. */
export class Machine {
  readonly facts: MachineFacts;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting: ((line: string) => void)[];
  private readonly complaints: () => string;

  private constructor(
    child: ChildProcessWithoutNullStreams,
    facts: MachineFacts,
    waiting: ((line: string) => void)[],
    complaints: () => string,
  ) {
    this.child = child;
    this.facts = facts;
    this.waiting = waiting;
    this.complaints = complaints;
  }

  /** `root`: the top of the repository; `below`: where the plays' directories are made, by default for temporary files. */
  static async start(root: string, below?: string): Promise<Machine> {
    const script = join(root, 'test/conformance/oracle/syscalls.py');
    if (!existsSync(script)) throw new Error(`${script} is missing`);
    const child = spawn('python3', [script, ...(below === undefined ? [] : [below])]);
    let complaints = '';
    child.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
    const waiting: ((line: string) => void)[] = [];
    createInterface(child.stdout).on('line', (line) => waiting.shift()?.(line));
    child.on('exit', () => waiting.splice(0).forEach((tell) => tell('{"failure": "it ended"}')));
    const first = await new Promise<string>((resolve) => waiting.push(resolve));
    const facts = JSON.parse(first) as MachineFacts & { readonly failure?: string };
    if (facts.failure !== undefined) throw new Error(`the oracle does not start: ${complaints}`);
    return new Machine(child, facts, waiting, () => complaints);
  }

  async play(play: Play): Promise<Observation> {
    const line = await new Promise<string>((resolve) => {
      this.waiting.push(resolve);
      this.child.stdin.write(`${JSON.stringify(play)}\n`);
    });
    const seen = JSON.parse(line) as Observation & { readonly failure?: string };
    if (seen.failure !== undefined)
      throw new Error(`the oracle fails: ${seen.failure}\n${this.complaints()}`);
    return { ...seen, tree: seen.tree.map(observed) };
  }

  /** Ends the process, which removes what it made. */
  async stop(): Promise<void> {
    const over = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin.end();
    await over;
  }
}

/** An entry as the state machine's are shown. */
function observed(entry: ObservedEntry): ObservedEntry {
  return { ...entry, times: momentsOf(entry.times, entry.type) };
}
