import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Group } from '../group';

const PROGRAM = resolve(__dirname, '../../../apps/server/dist/membership/main.js');
const PATIENCE_MS = 600_000;
const POLL_MS = 100;

/** `npm run join`: a new replica beside the others. Its number. */
export async function joinReplica(group: Group): Promise<number> {
  const output = await run(['join', '--group', group.folder]);
  const [, number] = /^replica (\d+)/.exec(output) ?? [];
  if (number === undefined) throw new Error(`no replica joined:\n${output}`);
  return Number(number);
}

/** `npm run reconfigure`: the whole new group. Resolves when it works. */
export async function reconfigure(group: Group, numbers: readonly number[]): Promise<void> {
  await run(['reconfigure', '--group', group.folder, '--replicas', numbers.join(',')]);
}

/** `npm run leave`: a replaced replica, which nobody needs any more, is stopped. */
export async function leave(group: Group, number: number): Promise<void> {
  await run(['leave', '--group', group.folder, '--replica', String(number)]);
}

/** What a replica says of itself. */
export interface OwnStatus {
  readonly status: string;
  readonly epoch: number;
  readonly executed: number;
  readonly stateWhole: boolean;
}

/** Undefined while it does not answer. */
export async function statusOf(url: string): Promise<OwnStatus | undefined> {
  try {
    const response = await fetch(`${url}/v1/cluster/replica`, {
      signal: AbortSignal.timeout(2_000),
    });
    const { executed, ...rest } = (await response.json()) as Omit<OwnStatus, 'executed'> & {
      readonly executed: string;
    };
    return { ...rest, executed: Number(executed) };
  } catch {
    return undefined;
  }
}

/** Bytes that a replica has had from its peers since its process began. */
export async function bytesReceivedBy(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const [, bytes] = /^lockstep_peer_bytes_received_total (\S+)$/m.exec(text) ?? [];
  return Number(bytes ?? Number.NaN);
}

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await pause(POLL_MS);
  }
}

export const urlOfReplica = (group: Group, number: number): string => {
  const found = group.replicas.find(({ name }) => name === `replica ${number}`);
  if (found === undefined) throw new Error(`there is no replica ${number}`);
  return found.url;
};

/** Until the supervisor has it in its file, and it answers. */
export async function isUp(group: Group, number: number): Promise<void> {
  const name = `replica ${number}`;
  await until(`${name} to run`, async () => {
    const found = group.replicas.find((replica) => replica.name === name);
    return found !== undefined && (await statusOf(found.url)) !== undefined;
  });
}

export const folderOf = (folder: string): string => join(folder, 'group');

function run(args: readonly string[]): Promise<string> {
  return new Promise((settle, reject) => {
    execFile(
      process.execPath,
      [PROGRAM, ...args],
      { timeout: PATIENCE_MS },
      (error, output, problems) => {
        if (error === null) settle(output);
        else reject(new Error(`npm run ${args.join(' ')}:\n${output}${problems}`));
      },
    );
  });
}
