import { setTimeout as pause } from 'node:timers/promises';
import { ConfigError } from '../config/replica-config';
import { isObject, textOf, type JsonObject, type JsonValue } from '../contract/json';
import type { Terminal } from '../supervisor/terminal';
import { Refusal, type GroupDoor } from './group-door';

const LOOK_MS = 200;

/** The whole new group, or what is to change; each replica by its id or its number. */
export interface Change {
  readonly replicas?: readonly string[] | undefined;
  readonly add?: readonly string[] | undefined;
  readonly remove?: readonly string[] | undefined;
  /** Who of the new group has which role; the others keep theirs. */
  readonly active?: readonly string[] | undefined;
  readonly witness?: readonly string[] | undefined;
}

/** As the door takes it. */
type Wanted =
  { readonly id: string } | { readonly id: string; readonly role: 'active' | 'witness' };

/** Asks for the new group and tells how far it is, until it is there. Throws `Refusal`. */
export async function reconfigure(
  door: GroupDoor,
  change: Change,
  terminal: Terminal,
): Promise<void> {
  const group = await door.get('/v1/cluster');
  const replicas = wantedOf(change, recordsOf(group['replicas']));
  const body = { epoch: group['epoch'], replicas };
  const begun = await door.post('/v1/cluster/reconfigurations', body);
  const id = textOf(begun['id']);
  terminal.event('group', `epoch ${id}: ${replicas.map((each) => each.id).join(', ')}`);
  await follow(door, id, terminal);
  const { mayBeStopped } = await door.get('/v1/cluster/check-epoch');
  const gone = Array.isArray(mayBeStopped) ? mayBeStopped.join(', ') : '';
  if (gone !== '') terminal.event('', `may be stopped: ${gone} (npm run leave)`);
}

async function follow(door: GroupDoor, id: string, terminal: Terminal): Promise<void> {
  let shown = '';
  for (;;) {
    const found = await door.get(`/v1/cluster/reconfigurations/${id}`);
    const phase = textOf(found['phase']);
    const line = lineOf(phase, recordsOf(found['replicas']));
    if (line !== shown) terminal.event(phase, line);
    shown = line;
    if (phase === 'done') return;
    if (phase === 'failed') {
      const { problem } = found;
      throw new Refusal(isObject(problem) ? textOf(problem['detail']) : 'it failed');
    }
    await pause(LOOK_MS);
  }
}

function lineOf(phase: string, replicas: readonly JsonObject[]): string {
  const waiting = replicas
    .filter((replica) => (phase === 'warming' ? replica['warm'] : replica['started']) === false)
    .map((replica) => `${textOf(replica['id'])} ${shownNumber(replica['opsLeft'])} ops left`);
  return waiting.join(', ');
}

function wantedOf(change: Change, known: readonly JsonObject[]): Wanted[] {
  const find = (name: string): string => idOf(name, known);
  const roles = new Map([
    ...(change.active ?? []).map((name) => [find(name), 'active'] as const),
    ...(change.witness ?? []).map((name) => [find(name), 'witness'] as const),
  ]);
  const members = membersOf(change, known);
  const stranger = [...roles.keys()].find((id) => !members.includes(id));
  if (stranger !== undefined)
    throw new ConfigError('--active, --witness', `${stranger} is not in the new group`);
  return members.map((id) => {
    const role = roles.get(id);
    return role === undefined ? { id } : { id, role };
  });
}

function membersOf({ replicas, add, remove }: Change, known: readonly JsonObject[]): string[] {
  const find = (name: string): string => idOf(name, known);
  if (replicas !== undefined) return replicas.map(find);
  const gone = new Set((remove ?? []).map(find));
  const members = known.filter(({ role }) => role === 'active' || role === 'witness');
  const staying = members.map(({ id }) => textOf(id)).filter((id) => !gone.has(id));
  return [...staying, ...(add ?? []).map(find)];
}

function idOf(name: string, known: readonly JsonObject[]): string {
  const found = known.find(
    ({ id, replicaNumber }) => id === name || shownNumber(replicaNumber) === name,
  );
  if (found === undefined)
    throw new ConfigError('--replicas', `the group knows no replica ${name} (GET /v1/cluster)`);
  return textOf(found['id']);
}

const recordsOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]).filter(isObject) : [];

const shownNumber = (value: JsonValue | undefined): string =>
  typeof value === 'number' ? String(value) : '?';
