import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, type Member, type ReplicaIdentity } from './replica-config';

export const IDENTITY_FILE = 'identity.json';
export const IDENTITY_FORMAT_VERSION = 1;
/** Decision 34: 1 for development, else 3 to 9. */
export const GROUP_SIZE_MAX = 9;

export function identityJson(identity: ReplicaIdentity): string {
  return `${JSON.stringify({ formatVersion: IDENTITY_FORMAT_VERSION, ...identity }, null, 2)}\n`;
}

/** Throws `ConfigError` when the file is missing or not what `identityJson` writes. */
export async function readIdentity(folder: string): Promise<ReplicaIdentity> {
  const path = join(folder, IDENTITY_FILE);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw new ConfigError(
      'data',
      `${path} cannot be read: give the folder of one replica of a group (DIR/replica-0)`,
    );
  }
  return checkIdentity(json, path);
}

function checkIdentity(json: unknown, path: string): ReplicaIdentity {
  const file = recordOf(json, path);
  if (file['formatVersion'] !== IDENTITY_FORMAT_VERSION)
    throw new ConfigError('data', `${path} has a format this version does not know`);
  const mode = file['mode'];
  if (mode !== 'durable' && mode !== 'replicated') throw wrong(path, 'mode');
  const members = file['members'];
  if (!Array.isArray(members) || members.length < 1 || members.length > GROUP_SIZE_MAX)
    throw wrong(path, 'members');
  const identity: ReplicaIdentity = {
    groupId: textIn(file, 'groupId', path),
    nodeId: textIn(file, 'nodeId', path),
    replicaNumber: counterIn(file, 'replicaNumber', path),
    generation: counterIn(file, 'generation', path),
    epoch: counterIn(file, 'epoch', path),
    mode,
    members: members.map((member, place) => memberOf(member, place, path)),
  };
  const own = identity.members[identity.replicaNumber];
  if (own?.nodeId !== identity.nodeId) throw wrong(path, 'replicaNumber');
  return identity;
}

function memberOf(json: unknown, place: number, path: string): Member {
  const member = recordOf(json, path);
  const url = textIn(member, 'url', path);
  if (counterIn(member, 'replicaNumber', path) !== place || !URL.canParse(url))
    throw wrong(path, `members[${place}]`);
  return { nodeId: textIn(member, 'nodeId', path), replicaNumber: place, url };
}

function recordOf(json: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrong(path, '{}');
  return json as Record<string, unknown>;
}

function textIn(file: Readonly<Record<string, unknown>>, name: string, path: string): string {
  const value = file[name];
  if (typeof value !== 'string' || value === '' || value.length > 256) throw wrong(path, name);
  return value;
}

function counterIn(file: Readonly<Record<string, unknown>>, name: string, path: string): number {
  const value = file[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw wrong(path, name);
  return value;
}

function wrong(path: string, name: string): ConfigError {
  return new ConfigError('data', `${path} is not an identity: ${name} is wrong`);
}
