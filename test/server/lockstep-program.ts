import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expectBuilt } from './built-server';

const PROGRAM = join(__dirname, '../../apps/server/bin/lockstep.mjs');

/** How a run of the program `lockstep` ended, and what it said. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of `-o json`. */
  json(): Record<string, unknown>;
}

/** Runs the program `lockstep` with these words, to its end. */
export async function lockstep(...words: readonly string[]): Promise<Ran> {
  expectBuilt();
  const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes) => (stdout += String(bytes)));
  child.stderr.on('data', (bytes) => (stderr += String(bytes)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    code,
    stdout,
    stderr,
    json: () => {
      if (code !== 0) throw new Error(`lockstep ${words.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout) as Record<string, unknown>;
    },
  };
}
