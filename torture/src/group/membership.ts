import { execFile } from 'node:child_process';
import { comesTrue, nowMs, pause } from '../clock';
import { MEMBERSHIP_PROGRAM } from '../places';
import type { Group } from './group';
import type { Replica, Role } from './replica';
import { askJson, statusOf } from './status';

const COMMAND_MS = 90_000;
const PATIENCE_MS = 150_000;

export interface WantedMember {
  readonly number: number;
  readonly role: Role;
}

/** `npm run join`, and the new replica is run: it follows, and is no member. Undefined when the group could not say. */
export async function join(group: Group, role: Role): Promise<Replica | undefined> {
  await group.writeGroupFile();
  const port = await group.ports.next();
  const args = ['join', '--group', group.plan.folder, '--role', role, '--port', `${port}`];
  const output = await command(args);
  const [, number] = /^replica (\d+)/m.exec(output ?? '') ?? [];
  if (number === undefined) return undefined;
  const replica = await group.adopt(Number(number));
  replica.role = role;
  // Said again under its name: here is where it is to be found, before the proxies.
  const body = { id: replica.id, role, ...group.addressesOf(replica.plan.number) };
  const isKnown = await comesTrue(() => saidAnywhere(group, '/v1/cluster/joiners', body), 20_000);
  if (!isKnown) {
    await group.dismiss(replica.plan.number);
    return undefined;
  }
  replica.start();
  return replica;
}

/** The whole new group. When it has not come about in time, what was said last; undefined when it has. */
export async function reconfigure(
  group: Group,
  wanted: readonly WantedMember[],
): Promise<string | undefined> {
  let said = 'nothing was said';
  const deadlineMs = nowMs() + PATIENCE_MS;
  while (nowMs() < deadlineMs) {
    await group.writeGroupFile();
    const members = wanted.map(({ number }) => number).join();
    const roles = [...flag('--active', wanted, 'active'), ...flag('--witness', wanted, 'witness')];
    await command(
      ['reconfigure', '--group', group.plan.folder, '--replicas', members, ...roles],
      (fault) => (said = fault),
    );
    if (await hasBecome(group, wanted)) {
      group.becomes(wanted);
      return undefined;
    }
    await pause(500);
  }
  return said;
}

/** `npm run leave`, as soon as the group lets it: then its process and its folder go. */
export async function leave(group: Group, number: number): Promise<boolean> {
  await group.writeGroupFile();
  const args = ['leave', '--group', group.plan.folder, '--replica', `${number}`];
  const isGone = await comesTrue(async () => (await command(args)) !== undefined, PATIENCE_MS, 500);
  if (isGone) await group.dismiss(number);
  return isGone;
}

function flag(name: string, wanted: readonly WantedMember[], role: Role): string[] {
  const numbers = wanted.filter((member) => member.role === role).map(({ number }) => number);
  return numbers.length === 0 ? [] : [name, numbers.join()];
}

/** What the newest epoch is that anybody tells of. */
async function hasBecome(group: Group, wanted: readonly WantedMember[]): Promise<boolean> {
  let newest: { epoch: number; members: string } = { epoch: -1, members: '' };
  for (const { url } of group.replicas.values()) {
    const answer = await askJson(`${url}/.well-known/lockstep`);
    const configuration = answer?.body['configuration'] as
      | {
          readonly epoch: number;
          readonly replicas: readonly { readonly replicaNumber: number; readonly role: Role }[];
        }
      | undefined;
    if (configuration === undefined || configuration.epoch <= newest.epoch) continue;
    const members = configuration.replicas.map(({ replicaNumber: number, role }) => ({
      number,
      role,
    }));
    newest = { epoch: configuration.epoch, members: shown(members) };
  }
  return newest.members === shown(wanted);
}

const shown = (members: readonly WantedMember[]): string =>
  members
    .map(({ number, role }) => `${number} ${role}`)
    .sort()
    .join();

async function saidAnywhere(group: Group, path: string, body: unknown): Promise<boolean> {
  for (const { url } of group.members) {
    const answer = await askJson(`${url}${path}`, 'POST', body);
    if (answer !== undefined && answer.status < 300) return true;
  }
  return false;
}

/** Whether a replica has caught up as far as this. */
export async function hasCaughtUp(replica: Replica, op: number): Promise<boolean> {
  const status = await statusOf(replica.url);
  if (status?.status !== 'normal') return false;
  return (replica.role === 'witness' ? status.op : status.executed) >= op;
}

/** Its output; undefined when it ended with a fault, which is told. */
function command(
  args: readonly string[],
  onFault: (said: string) => void = () => undefined,
): Promise<string | undefined> {
  return new Promise((settle) => {
    execFile(
      process.execPath,
      [MEMBERSHIP_PROGRAM, ...args],
      { timeout: COMMAND_MS },
      (fault, output, said) => {
        if (fault !== null) onFault(`${output}${said}`.trim());
        settle(fault === null ? output : undefined);
      },
    );
  });
}
