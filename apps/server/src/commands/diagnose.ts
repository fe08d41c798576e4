import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { ConfigError } from '../config/replica-config';
import { makeBundle, type ReplicaPart } from '../diagnose/bundle';
import { tar } from '../diagnose/tar';
import { addDoorOptions, AdminDoor, type DoorFlags } from './admin-door';
import { Refused, Unavailable } from './exit-codes';
import { outputOption, writeResult, type OutputFormat } from './output';

interface Flags extends Partial<DoorFlags> {
  readonly to?: string;
  readonly output: OutputFormat;
}

const HELP = `
Asks every replica that can be reached, those that --url names and those that they name, for what it knows of itself:
its view, its queues and peers, messages it ignored, slow calls, recent steps of the protocol, the last lines of its
log, its settings without secrets, its metrics and its machine. It needs no primary. What is missing is said in
summary.json. No secret, and no content of files or values of locks is in it; names of sessions are.

Example
  lockstep diagnose --url http://127.0.0.1:7400 --to bundle.tar.gz`;

/** `lockstep diagnose`: what somebody needs who was not there. */
export function addDiagnose(lockstep: Command): void {
  addDoorOptions(
    lockstep
      .command('diagnose')
      .description('gathers what the replicas of a group know of themselves in one file'),
  )
    .option('--to <file>', 'the file to make: a .tar.gz')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags));
}

async function run(flags: Flags): Promise<void> {
  const { to } = flags;
  if (to === undefined) throw new ConfigError('--to', 'give a file, as --to bundle.tar.gz');
  if (existsSync(to)) throw new Refused(`${to} is there already: give another name`);
  const door = await AdminDoor.open(flags);
  const { entries, replicas } = await makeBundle(door.urls, (...asked) => door.ask(...asked));
  if (!replicas.some(({ isReachable }) => isReachable))
    throw new Unavailable(
      replicas.map(({ url, missing }) => `${url}: ${firstOf(missing)}`).join('; '),
    );
  const bytes = gzipSync(tar(entries, Math.floor(Date.now() / 1_000)));
  await writeFile(to, bytes, { mode: 0o600, flag: 'wx' });
  const hasPrimary = replicas.some(({ isServing }) => isServing);
  const lines = [
    `${to}: ${bytes.length} bytes, ${entries.length} files`,
    ...replicas.map(lineOf),
    ...(hasPrimary ? [] : ['none of them serves as primary']),
  ];
  writeResult(flags.output, lines, { file: to, bytes: bytes.length, hasPrimary, replicas });
}

function lineOf({ url, isReachable, isServing, missing }: ReplicaPart): string {
  if (!isReachable) return `${url}: not reached: ${firstOf(missing)}`;
  const without = Object.entries(missing).map(([file, reason]) => `; no ${file}: ${reason}`);
  return `${url}: ${isServing ? 'the primary' : 'no primary'}${without.join('')}`;
}

const firstOf = (missing: ReplicaPart['missing']): string => Object.values(missing)[0] ?? '';
