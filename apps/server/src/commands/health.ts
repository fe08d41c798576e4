import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { addDoorOptions, AdminDoor, causeOf, type DoorFlags } from './admin-door';
import { Unavailable } from './exit-codes';
import { readCount } from './numbers';
import { outputOption, writeResult, type OutputFormat } from './output';

interface Flags extends Partial<DoorFlags> {
  readonly live?: boolean;
  readonly wait: string;
  readonly output: OutputFormat;
}

const LOOK_MS = 250;
const ANSWER_MS = 3_000;
const WAIT_S_MAX = 3_600;

const HELP = `
Every replica of --url is asked. It takes no token.

Examples
  lockstep health --url http://127.0.0.1:7400,http://127.0.0.1:7401 --wait 60
  lockstep health --live --url https://a.example:7400 --ca ca.crt       for a container's health check`;

/** `lockstep health`: may they serve? With `--live`: do their processes answer? */
export function addHealth(lockstep: Command): void {
  addDoorOptions(
    lockstep
      .command('health')
      .description('says whether replicas are ready, or waits until they are'),
  )
    .option('--live', 'ask only whether the process answers')
    .option('--wait <seconds>', 'how long to wait for all of them', '0')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(run);
}

interface Health {
  readonly url: string;
  readonly isWell: boolean;
  readonly reason: string;
}

async function run(flags: Flags): Promise<void> {
  const door = await AdminDoor.open(flags);
  const path = flags.live === true ? '/health/live' : '/health/ready';
  const endMs = performance.now() + readCount('--wait', flags.wait, 0, WAIT_S_MAX) * 1_000;
  let found = await look(door, path);
  while (!found.every(({ isWell }) => isWell) && performance.now() < endMs) {
    await pause(LOOK_MS);
    found = await look(door, path);
  }
  const lines = found.map(({ url, reason }) => `${url}  ${reason}`);
  if (!found.every(({ isWell }) => isWell)) throw new Unavailable(lines.join('; '));
  writeResult(flags.output, lines, { replicas: found });
}

const look = (door: AdminDoor, path: string): Promise<Health[]> =>
  Promise.all(door.urls.map((url) => healthOf(door, url, path)));

async function healthOf(door: AdminDoor, url: string, path: string): Promise<Health> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const response = await door.fetch(`${url}${path}`, { signal });
    const said = (await response.json()) as { readonly status?: string; readonly reason?: string };
    return { url, isWell: response.ok, reason: said.reason ?? said.status ?? '' };
  } catch (fault) {
    return { url, isWell: false, reason: causeOf(fault) };
  }
}
